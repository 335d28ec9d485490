-- What wrk sends to the stub: the same message as the other clients of bench/load-child.ts.
wrk.method = "POST"
wrk.headers["content-type"] = "application/json"
wrk.headers["accept"] = "application/json"
wrk.headers["authorization"] = "Bearer muster-user-1"
wrk.body = '{"jsonrpc":"2.0","method":"SendMessage","params":{"message":{"messageId":"a1b2c3d4-u1-0-0","role":"ROLE_USER","parts":[{"text":"Please repeat this word: mqabcdefghijx0x0"}]}},"id":1}'
