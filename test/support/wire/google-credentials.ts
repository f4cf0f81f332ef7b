import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const TOKEN = {
  access_token: 'token',
  issued_token_type: 'urn:ietf:params:oauth:token-type:access_token',
  token_type: 'Bearer',
  expires_in: 3600,
};

/**
 * Credentials of Google Cloud, with a service on the loopback interface that issues their tokens:
 * what `google-auth-library` reads without an account.
 */
export class GoogleCredentials {
  readonly #http = createServer((request, response) => {
    request.resume();
    response.setHeader('connection', 'close');
    if (request.method === 'GET') response.end('subject');
    else response.setHeader('content-type', 'application/json').end(JSON.stringify(TOKEN));
  });
  #folder = '';

  /** @returns the path for `GOOGLE_APPLICATION_CREDENTIALS`. */
  async issue(): Promise<string> {
    await new Promise<void>((resolve) => this.#http.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(this.#http.address() as AddressInfo).port}`;
    this.#folder = await mkdtemp(join(tmpdir(), 'google-credentials-'));
    const file = join(this.#folder, 'credentials.json');
    const credentials = {
      type: 'external_account',
      audience: 'audience',
      subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
      token_url: url,
      credential_source: { url },
    };
    await writeFile(file, JSON.stringify(credentials));
    return file;
  }

  async close(): Promise<void> {
    this.#http.closeAllConnections();
    await new Promise((resolve) => this.#http.close(resolve));
    await rm(this.#folder, { recursive: true, force: true });
  }
}
