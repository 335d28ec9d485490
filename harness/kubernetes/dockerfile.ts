/**
 * One recipe of an image that the manifests can use. Any other will do that has `sh`, `muster` and, for those of k6, `k6` with our extension on
 * its PATH. k6 is compiled where the image is made: a program that links it is under the AGPL-3.0.
 */
export const dockerfile = (
  version: string,
): string => `# muster, and k6 with its extension k6/x/a2a, for the pods of a load.
#   docker build -t registry.example.com/muster:${version} . && docker push registry.example.com/muster:${version}
# k6 is under the AGPL-3.0, and so is the program that is built here; leave its two steps out where only the embedded engine is wanted.
FROM node:24-slim AS muster
RUN npm install --global --omit=dev a2a-muster@${version}

FROM golang:1.26 AS k6
COPY --from=muster /usr/local/lib/node_modules/a2a-muster/k6 /k6
RUN cd /k6 && CGO_ENABLED=0 go build -buildvcs=false -trimpath -ldflags='-s -w' -o /k6-program .

FROM muster
COPY --from=k6 /k6-program /usr/local/bin/k6
USER 65532:65532
WORKDIR /tmp
`;
