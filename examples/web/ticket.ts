/** The address of the server, and the token to join with. */
export interface Ticket {
  url: string;
  token: string;
}

/** Time limit for the server, in ms. */
const LIMIT_MS = 10_000;

/** Asks the server of this page for a new room. */
export async function fetchTicket(): Promise<Ticket> {
  const response = await fetch('ticket', {
    method: 'POST',
    signal: AbortSignal.timeout(LIMIT_MS),
  }).catch(() => {
    throw new Error('the server of this page does not answer. See whether the demo still runs');
  });
  if (!response.ok) throw new Error((await response.text()).trim() || `status ${response.status}`);
  return (await response.json()) as Ticket;
}
