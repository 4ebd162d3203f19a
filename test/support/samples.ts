/** What `/metrics` of a process told at one moment. */
export class Samples {
  private constructor(readonly text: string) {}

  /** @param url of the process */
  static async of(url: string): Promise<Samples> {
    const response = await fetch(`${url}/metrics`);
    if (response.status !== 200) throw new Error(`metrics: ${response.status}`);
    return new Samples(await response.text());
  }

  static from(text: string): Samples {
    return new Samples(text);
  }

  /** Whether there is such a number, perhaps with nothing counted yet; histograms go by their own names. */
  has(name: string): boolean {
    return new RegExp(`^# TYPE ${name} |^${name}[{ ]`, 'm').test(this.text);
  }

  /** Names of the labels that its samples carry. */
  labels(name: string): readonly string[] {
    const [, inside = ''] = new RegExp(`^${name}\\{(.*)\\} `, 'm').exec(this.text) ?? [];
    return [...inside.matchAll(/(\w+)="/g)].map(([, label]) => label ?? '');
  }

  /** 0 when nothing was counted under these labels. */
  value(name: string, labels: Readonly<Record<string, string>> = {}): number {
    const inside = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
    const start = inside.length === 0 ? `${name} ` : `${name}{${inside.join(',')}} `;
    const line = this.text.split('\n').find((one) => one.startsWith(start));
    return line === undefined ? 0 : Number(line.slice(start.length));
  }
}
