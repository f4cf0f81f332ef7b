// Exits with 0 if the worker is registered with its LiveKit server, else with 1.
const port = process.env.WORKER_PORT || '8081';
const health = await fetch(`http://127.0.0.1:${port}/`, {
  signal: AbortSignal.timeout(2000),
}).catch((error) => ({ ok: false, text: async () => String(error) }));
if (!health.ok) {
  console.error(`unhealthy: ${await health.text()}`);
  process.exitCode = 1;
}
