/**
 * The connections that the exchange door has let in: who each one is, and how many each certificate
 * holds. A socket that is not in here was never admitted.
 */
import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { DoorRefusal } from './door-refusal.ts';
import type { PeerCertificate } from './peer-certificate.ts';

/** Who is at the other end, by its registered certificate. */
export interface AdmittedPeer {
  /** SHA-256 of the DER: lower-case hex, 64 characters. */
  readonly fingerprint256: string;
  readonly serial: string;
  /** Milliseconds since the epoch. */
  readonly notAfter: number;
  readonly odsCode: string;
  readonly system: string;
}

export interface DoorConnection {
  readonly socket: Socket;
  readonly certificate: PeerCertificate;
  peer: AdmittedPeer;
  /** Answers that are not finished yet, in the order of their requests. */
  readonly answers: Set<ServerResponse>;
  /** Of the request that came in last, the rest of which may still be on its way. */
  latest: ServerResponse | undefined;
  /** Those requests of them, in order, that nobody has looked at yet (pipelining.ts). */
  readonly held: (() => void)[];
  /** Set once, with the answer after which the connection closes. */
  isEnding: boolean;
  /** Set once; a connection that was refused stays refused. */
  refusal: DoorRefusal | undefined;
}

export class DoorConnections {
  readonly #bySocket = new WeakMap<Duplex, DoorConnection>();
  readonly #open = new Set<DoorConnection>();
  readonly #perCertificate = new Map<string, number>();

  get size(): number {
    return this.#open.size;
  }

  countFor(fingerprint256: string): number {
    return this.#perCertificate.get(fingerprint256) ?? 0;
  }

  find(socket: Duplex): DoorConnection | undefined {
    return this.#bySocket.get(socket);
  }

  /** Keeps the connection until its socket closes. */
  add(connection: DoorConnection): void {
    const { socket, certificate } = connection;
    this.#bySocket.set(socket, connection);
    this.#open.add(connection);
    this.#change(certificate.fingerprint256, 1);
    socket.once('close', () => {
      this.#open.delete(connection);
      this.#change(certificate.fingerprint256, -1);
    });
  }

  /** A copy, so that closing some while going through it is safe. */
  list(): DoorConnection[] {
    return [...this.#open];
  }

  #change(fingerprint256: string, by: 1 | -1): void {
    const count = this.countFor(fingerprint256) + by;
    if (count === 0) this.#perCertificate.delete(fingerprint256);
    else this.#perCertificate.set(fingerprint256, count);
  }
}
