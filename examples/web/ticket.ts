/** Where to connect, and as whom. */
export interface Ticket {
  url: string;
  token: string;
}

/** How long the server may take, in ms. */
const LIMIT_MS = 10_000;

/** Asks this page's own server for a room of one's own. */
export async function fetchTicket(): Promise<Ticket> {
  const response = await fetch('ticket', { method: 'POST', signal: AbortSignal.timeout(LIMIT_MS) });
  if (!response.ok) throw new Error((await response.text()).trim() || `status ${response.status}`);
  return (await response.json()) as Ticket;
}
