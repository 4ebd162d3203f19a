import { type Claim, type Directory } from './directory.js';
import { type CollectionWords, type TieWords } from './map-words.js';
import { type Row } from './table.js';

/** Somebody whom a request means. */
export interface Meant {
  readonly userId: string | null;
  readonly email: string | null;
  readonly enterpriseId: string | null;
  /** Their own identities; a visitor's counts for every bot. */
  readonly claims: readonly Omit<Claim, 'userId'>[];
  readonly inDirectory: boolean;
  /** Joined pairs that are one string with another pair that rows carry: whose they are nobody can tell. */
  readonly doubtful?: ReadonlySet<string>;
}

export interface Asked {
  readonly account: string;
  readonly allBots: boolean;
  /** Those covered: the ones named, or all of the account. */
  readonly bots: readonly string[];
}

export type Belongs = 'theirs' | 'shared' | null;

/** Tells by the data map's words whose a row is. */
export class Whose {
  constructor(
    private readonly directory: Directory,
    readonly asked: Asked,
  ) {}

  /** By each of the ties. `shared`: it carries an identity of theirs that is somebody else's as well. */
  is(row: Row, person: Meant, words: CollectionWords): readonly Belongs[] {
    if ((words.when === 'all-bots' || words.bot === undefined) && !this.asked.allBots) return [];
    if (words.bot === undefined && !person.inDirectory) return [];
    return words.ties.map((tie) => this.by(tie, row, person, words));
  }

  /**
   * Whether an identity of theirs counts for the bot, and whether somebody else has it there too.
   *
   * @param bot null: the rows tell no bot
   */
  private claimed(
    person: Meant,
    isIt: (claim: Omit<Claim, 'userId'>) => boolean,
    bot: string | null,
  ): Belongs {
    const own = person.claims.filter(isIt);
    if (bot === null) {
      if (!own.some((claim) => claim.bot === null)) return null;
      return this.asked.bots.some((one) => this.isOthers(person, isIt, one)) ? 'shared' : 'theirs';
    }
    if (!this.asked.bots.includes(bot)) return null;
    if (!own.some((claim) => claim.bot === null || claim.bot === bot)) return null;
    return this.isOthers(person, isIt, bot) ? 'shared' : 'theirs';
  }

  private isOthers(person: Meant, isIt: (claim: Omit<Claim, 'userId'>) => boolean, bot: string): boolean {
    return this.directory.claims.some(
      (claim) =>
        !(person.inDirectory && claim.userId === person.userId) &&
        isIt(claim) &&
        (claim.bot === bot || (claim.bot === null && this.accountOf(claim.userId) === this.asked.account)),
    );
  }

  private by(tie: TieWords, row: Row, person: Meant, words: CollectionWords): Belongs {
    for (const [column, value] of Object.entries(tie.onlyWhen ?? {}))
      if (row[column] !== (value === null ? null : String(value))) return null;
    if (words.account !== undefined && !this.isOurs(row[words.account] ?? null, tie)) return null;
    const bot = words.bot === undefined ? null : (row[words.bot] ?? '');
    const covered = words.bot === undefined || this.asked.bots.includes(row[words.bot] ?? '');
    if (tie.userId !== undefined) {
      if (person.userId === null || row[tie.userId] !== person.userId) return null;
      const anywhere = this.asked.allBots && person.inDirectory;
      return (anywhere ? this.isNobodyElses(bot) : covered) ? 'theirs' : null;
    }
    if (tie.email !== undefined) {
      const email = row[tie.email]?.toLowerCase();
      return email !== undefined && email === person.email?.toLowerCase() && covered ? 'theirs' : null;
    }
    if (tie.enterpriseId !== undefined)
      return person.enterpriseId !== null && row[tie.enterpriseId] === person.enterpriseId && covered
        ? 'theirs'
        : null;
    if (tie.identity !== undefined) {
      const joined = row[tie.identity] ?? '';
      const isIt = (claim: Omit<Claim, 'userId'>): boolean =>
        `${claim.channelId}/${claim.channelUserId}` === joined;
      const claimed = this.claimed(person, isIt, bot);
      return claimed === 'theirs' && person.doubtful?.has(joined) ? 'shared' : claimed;
    }
    const [channel, handle] = [row[tie.channelId ?? ''], row[tie.channelUserId ?? '']];
    return this.claimed(
      person,
      ({ channelId, channelUserId }) => channelId === channel && channelUserId === handle,
      bot,
    );
  }

  /** A row without an account is nobody else's, which is enough for what is unique by itself. */
  private isOurs(account: string | null, tie: TieWords): boolean {
    return account === this.asked.account || (account === null && tie.userId !== undefined);
  }

  private isNobodyElses(bot: string | null): boolean {
    const owner = this.directory.bots.find(({ id }) => id === bot)?.account;
    return owner === undefined || owner === this.asked.account;
  }

  private accountOf(userId: string): string | undefined {
    return this.directory.users.find(({ id }) => id === userId)?.account;
  }
}
