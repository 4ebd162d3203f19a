import { execFileSync, spawnSync } from 'node:child_process';
import { randomBytes, randomInt } from 'node:crypto';
import { programOf } from '../support/program.js';

/** A host of its own network namespace. */
export interface Host {
  readonly address: string;
  /** What a program is started with to run on this host. */
  readonly within: readonly string[];
  /** As if somebody pulled its cable: nobody is told, packets just get lost. */
  cutOff(): void;
  rejoin(): void;
}

/**
 * Hosts on one network, which only this machine knows: namespaces, joined by a bridge, with names of this run alone. This
 * process and its servers are on the network too, at `address`.
 */
export class Network {
  private readonly name = `x${randomBytes(4).toString('hex')}`;
  private readonly subnet = `10.${randomInt(128, 256)}.${randomInt(256)}`;
  private readonly hosts: string[] = [];

  private constructor(private readonly ip: string) {}

  /** @throws Error that says so, where the machine allows no namespaces */
  static open(): Network {
    const ip = programOf({
      names: ['ip'],
      debianPackage: 'iproute2',
      versionOption: '-V',
      orElse: 'set EXPUNGE_TEST_NO_NETNS=1 to go without hosts of their own',
    });
    const network = new Network(ip);
    try {
      network.run('link', 'add', network.name, 'type', 'bridge');
      network.run('address', 'add', `${network.address}/24`, 'dev', network.name);
      network.run('link', 'set', network.name, 'up');
      return network;
    } catch (error) {
      network.close();
      throw error;
    }
  }

  get address(): string {
    return `${this.subnet}.1`;
  }

  /** In PostgreSQL's notation. */
  get range(): string {
    return `${this.subnet}.0/24`;
  }

  addHost(): Host {
    const number = this.hosts.length;
    const host = `${this.name}h${number}`;
    const address = `${this.subnet}.${11 + number}`;
    this.run('netns', 'add', host);
    this.hosts.push(host);
    // The cable: one end at the host, the other, by the host's name, at the bridge.
    this.run('link', 'add', host, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', host);
    this.run('link', 'set', host, 'master', this.name, 'up');
    this.run('-netns', host, 'address', 'add', `${address}/24`, 'dev', 'eth0');
    this.run('-netns', host, 'link', 'set', 'eth0', 'up');
    this.run('-netns', host, 'link', 'set', 'lo', 'up');
    return {
      address,
      within: [this.ip, 'netns', 'exec', host],
      cutOff: () => {
        // At the bridge's end, so that the host itself sees no link go.
        this.run('link', 'set', host, 'nomaster');
      },
      rejoin: () => {
        this.run('link', 'set', host, 'master', this.name);
      },
    };
  }

  /** Removes all of it; whatever still runs there keeps running without a network. */
  close(): void {
    for (const host of this.hosts) spawnSync(this.ip, ['netns', 'delete', host]);
    spawnSync(this.ip, ['link', 'delete', this.name]);
  }

  private run(...args: readonly string[]): void {
    try {
      execFileSync(this.ip, args, { stdio: ['ignore', 'ignore', 'pipe'] });
    } catch (error) {
      const { stderr } = error as { stderr?: Buffer };
      throw new Error(`this machine allows no network namespaces: ${String(stderr ?? error).trim()}`, {
        cause: error,
      });
    }
  }
}
