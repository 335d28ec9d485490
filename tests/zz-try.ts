import { startPostgres, startRedis } from './database-servers.ts';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
await using pg = await startPostgres(); await using redis = await startRedis();
const c = spawn('npx', ['node','harness/cli/muster.js', ...process.argv.slice(2)], {stdio:'inherit', env: {...process.env, DATABASE_URL: await pg.database(), REDIS_URL: redis.url}});
await once(c,'exit');
