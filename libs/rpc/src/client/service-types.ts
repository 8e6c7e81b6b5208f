import type { ServiceDefinition } from '@grpc/grpc-js';

/** Anything that names its service's methods: a generated client class, or `{ service: definition }`. */
export interface ServiceHolder<S extends ServiceDefinition> {
  readonly service: S;
}

/** Names of the methods of one shape; generated definitions have literal stream flags. */
type MethodsOf<S, RequestStream extends boolean, ResponseStream extends boolean> = {
  [M in keyof S]: S[M] extends {
    readonly requestStream: RequestStream;
    readonly responseStream: ResponseStream;
  }
    ? M
    : never;
}[keyof S] &
  string;

export type UnaryMethod<S> = MethodsOf<S, false, false>;
export type ServerStreamMethod<S> = MethodsOf<S, false, true>;
export type ClientStreamMethod<S> = MethodsOf<S, true, false>;

export type RequestOf<D> = D extends { requestSerialize: (value: infer Req) => Buffer }
  ? Req
  : never;
export type ResponseOf<D> = D extends { responseDeserialize: (bytes: Buffer) => infer Res }
  ? Res
  : never;
