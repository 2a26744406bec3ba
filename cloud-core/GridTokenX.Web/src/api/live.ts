import { effect, type Signal, signal } from "@preact/signals";
import { session, user } from "../account/session";
import { watch, type Watched } from "./poll";
import { Connection, type Message } from "./connection";

/** What is followed: over the WebSocket, and by asking again and again while there is none. */
export interface Channel<T> {
  readonly name: "book" | "trades" | "epochs" | "orders" | "settlements" | "readings" | "locks";
  /** Of a public channel; one's own have none. */
  readonly zone?: string;
  readonly key: (item: T) => string | number;
  /** Said of an item that is there no more. */
  readonly isGone?: (item: T) => boolean;
  /** Without one, what was heard last stays while there is no connection. */
  readonly poll?: (signal: AbortSignal) => Promise<readonly T[]>;
}

export interface Followed<T> {
  /** Undefined until something was heard. */
  readonly items: Signal<readonly T[] | undefined>;
  readonly failure: Signal<string | undefined>;
  stop(): void;
}

const PollMs = 3_000;

class Topic {
  readonly items = signal<readonly unknown[] | undefined>(undefined);
  readonly failure = signal<string | undefined>(undefined);
  followers = 0;
  private byKey = new Map<string | number, unknown>();
  private stream: string | undefined;
  private sequence = 0;
  private polled: { watched: Watched<readonly unknown[]>; stop: () => void } | undefined;

  constructor(private readonly channel: Channel<unknown>) {}

  get isOwn(): boolean {
    return this.channel.zone === undefined;
  }

  /** After what was heard last, so that only what is missing comes. */
  request(type: "subscribe" | "unsubscribe"): object {
    const { name: channel, zone } = this.channel;
    return type === "subscribe" && this.stream !== undefined
      ? { type, channel, zone, stream: this.stream, sequence: this.sequence }
      : { type, channel, zone };
  }

  /** False when a message is missing: the snapshot has to come anew. */
  take(message: Message): boolean {
    if (message.type === "snapshot") {
      this.byKey.clear();
      this.stream = message.stream;
    } else if (this.stream === undefined) {
      return true; // The snapshot is under way.
    } else if (message.stream !== this.stream || message.sequence !== this.sequence + 1 || message.truncated) {
      this.stream = undefined;
      return false;
    }

    this.sequence = message.sequence;
    this.put(message.items);
    this.failure.value = undefined;
    this.endPolling();
    return true;
  }

  fail(code: string): void {
    this.failure.value = code;
  }

  beginPolling(): void {
    const { poll } = this.channel;
    if (this.polled || !poll) {
      return;
    }

    const watched = watch(poll, PollMs);
    const off = effect(() => {
      const found = watched.value.value;
      if (found) {
        this.stream = undefined;
        this.byKey.clear();
        this.put(found);
      }

      this.failure.value = watched.failure.value;
    });
    this.polled = { watched, stop: () => { off(); watched.stop(); } };
  }

  endPolling(): void {
    this.polled?.stop();
    this.polled = undefined;
  }

  private put(items: readonly unknown[]): void {
    for (const item of items) {
      const key = this.channel.key(item);
      if (this.channel.isGone?.(item)) {
        this.byKey.delete(key);
      } else {
        this.byKey.set(key, item);
      }
    }

    this.items.value = [...this.byKey.values()];
  }
}

const topics = new Map<string, Topic>();

const connection = new Connection({
  opened: () => topics.forEach((topic) => subscribe(topic)),
  received: (message) => {
    const topic = topics.get(nameOf(message.channel, message.zone));
    if (topic && !topic.take(message)) {
      connection.send(topic.request("subscribe"));
    }
  },
  resync: () => topics.forEach((topic) => subscribe(topic)),
  failed: (channel, zone, code) => topics.get(nameOf(channel, zone))?.fail(code),
  down: () => topics.forEach((topic) => topic.beginPolling()),
});

/** Whether changes come by themselves. */
export const isLive = connection.isOpen;

/** Follows a channel until it is stopped; all who follow the same share it. */
export function follow<T>(channel: Channel<T>): Followed<T> {
  const name = nameOf(channel.name, channel.zone);
  let topic = topics.get(name);
  if (!topic) {
    topic = new Topic(channel as Channel<unknown>);
    topics.set(name, topic);
  }

  const followed = topic;
  if (followed.followers++ === 0) {
    connection.want(true);
    if (connection.isDown) {
      followed.beginPolling();
    } else {
      subscribe(followed);
    }
  }

  let stopped = false;
  return {
    items: followed.items as Signal<readonly T[] | undefined>,
    failure: followed.failure,
    stop: () => {
      if (!stopped && --followed.followers === 0) {
        followed.endPolling();
        connection.send(followed.request("unsubscribe"));
        topics.delete(name);
        connection.want(topics.size > 0);
      }

      stopped = true;
    },
  };
}

function subscribe(topic: Topic): void {
  if (!topic.isOwn || connection.isAuthenticated) {
    connection.send(topic.request("subscribe"));
  }
}

const nameOf = (channel: string | undefined, zone: string | undefined): string => `${channel}:${zone ?? ""}`;

// A new token goes to the same connection; somebody else's, or none, to a new one.
let key: string | undefined;
effect(() => {
  const held = session.value;
  if (key !== undefined && held?.access_key !== key) {
    connection.restart();
  }

  key = held?.access_key;
  connection.token = held?.access_token;
});

// Who has just registered has channels of his own from now on.
effect(() => {
  if (user.value) {
    topics.forEach((topic) => {
      if (topic.isOwn && topic.failure.peek() !== undefined) {
        subscribe(topic);
      }
    });
  }
});
