import type { IncomingMessage } from 'node:http';
import type { WebSocket } from 'ws';
import { FakeConnection } from '../../../src/testing/fakes/fake-connection.ts';
import { objectAt, objectsAt, parseObject, textAt } from '../../../src/testing/fakes/json.ts';
import { ModelService } from '../../../src/testing/fakes/model-service.ts';
import { readPicture } from '../../../src/testing/fakes/picture.ts';
import type { ServiceRecord } from '../../../src/testing/fakes/service-record.ts';
import type { HttpRefusal } from '../../../src/testing/fakes/websocket-host.ts';

/** Accepts each item of the model behind the voice, or refuses those with pictures. */
class GPTLiveConnection extends FakeConnection {
  readonly #service: GPTLiveService;
  readonly #record: ServiceRecord;

  constructor(
    socket: WebSocket,
    request: IncomingMessage,
    id: number,
    service: GPTLiveService,
    record: ServiceRecord,
  ) {
    super(socket, request, id, () => record.changed.arrived());
    this.#service = service;
    this.#record = record;
  }

  protected override receive(text: string): void {
    const event = parseObject(text) ?? {};
    this.#record.message(this.id, event);
    if (event.type === 'session.start')
      this.send({ type: 'session.started', session: { id: `session_${this.id}` } });
    if (event.type !== 'response.item.create') return;
    for (const part of objectsAt(objectAt(event, 'item'), 'content')) {
      if (part.type !== 'input_image') continue;
      if (this.#service.refusesPictures) {
        const { event_id: client_event_id = null } = event;
        const message = "Invalid value: 'input_image'.";
        this.send({ type: 'error', error: { code: 'invalid_value', message, client_event_id } });
        continue;
      }
      const data = Buffer.from(textAt(part, 'image_url').split(',')[1] ?? '', 'base64');
      const picture = readPicture(data);
      const via = 'conversation.item.create' as const;
      if (picture) this.#record.frame({ ...picture, data, connection: this.id, via });
    }
  }
}

/**
 * The GPT-Live API, as far as the openai plugin 1.9.0 uses it: its types are all that is published.
 * It takes items for the model behind the voice, and never speaks.
 */
export class GPTLiveService extends ModelService<GPTLiveConnection> {
  refusesPictures = false;

  protected override baseUrl(port: number): string {
    return `http://127.0.0.1:${port}/v1`;
  }

  protected override async admit({ url = '' }: IncomingMessage): Promise<HttpRefusal | undefined> {
    if (!url.startsWith('/v1/live/sessions')) return { status: 404 };
    return (await this.setup.pass()) ? undefined : { status: 503 };
  }

  protected override connect(socket: WebSocket, request: IncomingMessage, id: number) {
    return new GPTLiveConnection(socket, request, id, this, this.record);
  }
}
