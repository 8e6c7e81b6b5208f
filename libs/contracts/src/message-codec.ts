/** What every message of the contract can do: `diarizationV1.DiarizationJob` is a MessageCodec of the type of that name. */
export interface MessageCodec<Message> {
  encode(message: Message): { finish(): Uint8Array };
  /** @throws Error on bytes that are no message */
  decode(bytes: Uint8Array): Message;
  /** JSON-safe data; durations are {seconds, nanos} in it, not `1.5s` as in the JSON that grpcurl prints. */
  toJSON(message: Message): unknown;
  /** Inverse of toJSON. */
  fromJSON(json: unknown): Message;
}
