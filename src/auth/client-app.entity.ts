import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { type AppOrigin } from './caller.js';

/** `strict`: every token has `iat` and `exp`. `compatible`: until its end also the documented `{sub, appId}`. */
export type TokenPolicy = 'strict' | 'compatible';

/** What calls the API. Never deleted: a revoked app's id is not given out again. */
@Entity({ schema: 'expunge', name: 'client_apps' })
@Index('client_apps_account', ['accountId'])
export class ClientAppEntity {
  /** `cs-<uuid>` */
  @PrimaryColumn('text', { name: 'client_id' })
  readonly clientId!: string;

  @Column('text', { name: 'account_id' })
  readonly accountId!: string;

  @Column('text')
  readonly name!: string;

  /** Encrypted under the key for `secrets`, bound to client id and account. */
  @Column('bytea')
  readonly secret!: Buffer;

  @Column('text', { array: true })
  readonly scopes!: readonly string[];

  @Column('text')
  readonly origin!: AppOrigin;

  @Column('text', { name: 'token_policy' })
  readonly tokenPolicy!: TokenPolicy;

  /** With `compatible`: from then on the policy is `strict`. */
  @Column('timestamptz', { name: 'token_policy_until', nullable: true })
  readonly tokenPolicyUntil!: Date | null;

  /** Tokens must be made out to it (`aud`). */
  @Column('text', { nullable: true })
  readonly audience!: string | null;

  /** Only one-time tokens (`jti`) are taken. */
  @Column('boolean', { name: 'require_jti', default: false })
  readonly requireJti!: boolean;

  /** Goes up with every change, so that other processes notice. */
  @Column('integer', { default: 1 })
  readonly version!: number;

  @Column('timestamptz', { name: 'created_on', default: () => 'clock_timestamp()' })
  readonly createdOn!: Date;

  @Column('timestamptz', { name: 'revoked_on', nullable: true })
  readonly revokedOn!: Date | null;
}
