import 'reflect-metadata';
import {
  Body,
  type CanActivate,
  Controller,
  type ExecutionContext,
  HttpCode,
  Injectable,
  Module,
  Post,
  UnauthorizedException,
  UseGuards,
  ValidationPipe,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { type NestExpressApplication } from '@nestjs/platform-express';
import { ArrayMaxSize, ArrayMinSize, IsArray, IsBoolean, IsString, MaxLength } from 'class-validator';
import jwt from 'jsonwebtoken';
import { DataSource, EntitySchema } from 'typeorm';

/** As such a service is usually written, with its libraries' defaults. Arguments: database URL, secret of its tokens. */
const [url = '', secret = ''] = process.argv.slice(2);

const requests = new EntitySchema<Record<string, unknown>>({
  name: 'requests',
  schema: 'bench',
  columns: {
    id: { type: 'text', primary: true },
    account_id: { type: 'text' },
    client_id: { type: 'text' },
    all_bots: { type: 'boolean' },
    bot_ids: { type: 'text', array: true },
    received_on: { type: 'timestamptz' },
    due_on: { type: 'timestamptz' },
    not_before: { type: 'timestamptz' },
    created_on: { type: 'timestamptz' },
    last_updated_on: { type: 'timestamptz' },
    total: { type: 'integer' },
    mac: { type: 'bytea' },
  },
});
const subjects = new EntitySchema<Record<string, unknown>>({
  name: 'subjects',
  schema: 'bench',
  columns: {
    request_id: { type: 'text', primary: true },
    position: { type: 'integer', primary: true },
    entry: { type: 'bytea' },
    last_updated_on: { type: 'timestamptz' },
  },
});

const source = await new DataSource({
  type: 'postgres',
  url,
  applicationName: 'nest express',
  entities: [requests, subjects],
  installExtensions: false,
  synchronize: false,
  poolSize: 10,
}).initialize();

class EraseDto {
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(10_000)
  @IsString({ each: true })
  @MaxLength(512, { each: true })
  userIds!: string[];

  @IsBoolean()
  RemoveDataFromAllBots!: boolean;
}

@Injectable()
class TokenGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const token = context.switchToHttp().getRequest<{ headers: Record<string, unknown> }>().headers['auth'];
    try {
      jwt.verify(String(token), secret, { algorithms: ['HS256'] });
      return true;
    } catch {
      throw new UnauthorizedException();
    }
  }
}

@Controller()
@UseGuards(TokenGuard)
class EraseController {
  @Post('erase')
  @HttpCode(200)
  async erase(@Body() body: EraseDto): Promise<{ requestId: string; status: string }> {
    const id = `eud-${crypto.randomUUID()}`;
    const now = new Date();
    await source.transaction(async (entities) => {
      await entities.insert(requests, {
        id,
        account_id: 'a',
        client_id: 'c',
        all_bots: body.RemoveDataFromAllBots,
        bot_ids: [],
        received_on: now,
        due_on: now,
        not_before: now,
        created_on: now,
        last_updated_on: now,
        total: body.userIds.length,
        mac: Buffer.alloc(0),
      });
      await entities.insert(
        subjects,
        body.userIds.map((userId, position) => ({
          request_id: id,
          position,
          entry: Buffer.from(userId),
          last_updated_on: now,
        })),
      );
    });
    return { requestId: id, status: 'in-progress' };
  }
}

@Module({ controllers: [EraseController], providers: [TokenGuard] })
class AppModule {}

const app = await NestFactory.create<NestExpressApplication>(AppModule, { logger: ['error'] });
app.useGlobalPipes(new ValidationPipe({ whitelist: true, transform: true }));
await app.listen(0, '127.0.0.1');
process.stdout.write(`listens on ${(await app.getUrl()).replace('[::1]', '127.0.0.1')}\n`);
process.once('SIGTERM', () => process.exit(0));
