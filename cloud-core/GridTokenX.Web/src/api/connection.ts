import { signal } from "@preact/signals";

export interface Message {
  readonly type: "snapshot" | "delta";
  readonly channel: string;
  readonly zone?: string;
  readonly stream: string;
  readonly sequence: number;
  readonly items: readonly unknown[];
  readonly truncated?: boolean;
}

interface Notice {
  readonly type: "authenticated" | "expired" | "unsubscribed" | "resync" | "pong" | "error";
  readonly channel?: string;
  readonly zone?: string;
  readonly code?: string;
}

export interface Listener {
  /** Everything has to be subscribed to; once more, for what is one's own, after the token was taken. */
  opened(): void;
  received(message: Message): void;
  resync(): void;
  failed(channel: string | undefined, zone: string | undefined, code: string): void;
  /** It could not be opened, or was lost: ask in other ways until it is back. */
  down(): void;
}

const Protocol = "gtx.live.v1";
const FirstMs = 500;
const LongestMs = 30_000;
const PingMs = 25_000;
const PatienceMs = 15_000;

/** One WebSocket for the page. It is opened again after it was lost, later and later, and never all clients at once. */
export class Connection {
  readonly isOpen = signal(false);
  isDown = false;
  isAuthenticated = false;
  private held: string | undefined;
  private socket: WebSocket | undefined;
  private wanted = false;
  private attempts = 0;
  private again: ReturnType<typeof setTimeout> | undefined;
  private beat: ReturnType<typeof setInterval> | undefined;
  private heardAt = 0;

  constructor(private readonly listener: Listener) {
    addEventListener("online", () => this.hurry());
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden) {
        this.hurry();
      }
    });
  }

  /** Of whoever is signed in; sent when it changes. */
  set token(token: string | undefined) {
    if (this.held !== token) {
      this.held = token;
      this.authenticate();
    }
  }

  want(wanted: boolean): void {
    this.wanted = wanted;
    if (wanted && !this.socket && this.again === undefined) {
      this.open();
    } else if (!wanted) {
      this.end();
      this.isDown = false;
    }
  }

  send(request: object): void {
    if (this.socket?.readyState === WebSocket.OPEN) {
      this.socket.send(JSON.stringify(request));
    }
  }

  /** As nobody's, or as somebody else's. */
  restart(): void {
    this.end();
    if (this.wanted) {
      this.open();
    }
  }

  private hurry(): void {
    if (this.wanted && this.again !== undefined) {
      clearTimeout(this.again);
      this.again = undefined;
      this.open();
    }
  }

  private open(): void {
    const url = new URL("/ws", location.href);
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    const socket = new WebSocket(url, Protocol);
    this.socket = socket;
    socket.onopen = () => {
      this.isOpen.value = true;
      this.isDown = false;
      this.heardAt = performance.now();
      this.beat = setInterval(() => this.check(socket), PingMs);
      this.authenticate();
      this.listener.opened();
    };
    socket.onmessage = ({ data }) => {
      this.heardAt = performance.now();
      this.read(JSON.parse(data as string) as Message | Notice);
    };
    socket.onclose = () => this.lost(socket);
  }

  private read(message: Message | Notice): void {
    switch (message.type) {
      case "snapshot":
      case "delta":
        this.attempts = 0;
        this.listener.received(message);
        break;
      case "authenticated":
        if (!this.isAuthenticated) {
          this.isAuthenticated = true;
          this.listener.opened();
        }

        break;
      case "expired":
        this.isAuthenticated = false;
        break;
      case "resync":
        this.listener.resync();
        break;
      case "error":
        this.listener.failed(message.channel, message.zone, message.code ?? "internal_error");
        break;
    }
  }

  private authenticate(): void {
    if (this.held !== undefined) {
      this.send({ type: "auth", token: this.held });
    }
  }

  /** Whoever does not even answer is gone, whatever the network says. */
  private check(socket: WebSocket): void {
    if (performance.now() - this.heardAt > PingMs + PatienceMs) {
      socket.close();
      this.lost(socket);
    } else {
      this.send({ type: "ping" });
    }
  }

  private lost(socket: WebSocket): void {
    if (this.socket !== socket) {
      return;
    }

    this.forget();
    this.isDown = true;
    this.listener.down();
    if (this.wanted) {
      const most = Math.min(FirstMs * 2 ** this.attempts++, LongestMs);
      this.again = setTimeout(() => {
        this.again = undefined;
        this.open();
      }, Math.random() * most);
    }
  }

  private end(): void {
    clearTimeout(this.again);
    this.again = undefined;
    const socket = this.socket;
    this.forget();
    socket?.close();
  }

  private forget(): void {
    clearInterval(this.beat);
    this.socket = undefined;
    this.isAuthenticated = false;
    this.isOpen.value = false;
  }
}
