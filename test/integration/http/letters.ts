import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Put, Req } from '@nestjs/common';
import { IsInt, IsOptional, IsString, Length } from 'class-validator';
import { AddRouteConfig } from '../../../src/auth/route-policy.js';
import { RequiresScope } from '../../../src/auth/requires-scope.decorator.js';
import { DELETE_USERS_DATA } from '../../../src/auth/scopes.js';
import { type FastifyRequest } from 'fastify';
import { type JsonLines } from '../../../src/common/json-lines.js';
import { ApiError, notFound } from '../../../src/common/errors/api-error.js';
import { DatabaseFault } from '../../../src/database/database-fault.js';

export class LetterDto {
  @IsString()
  @Length(1, 20, { message: 'text must be 1 to 20 characters' })
  readonly text!: string;

  @IsOptional()
  @IsInt()
  readonly copies?: number;
}

const Erase = (): MethodDecorator =>
  RequiresScope(DELETE_USERS_DATA, { limit: 'erase', compatibleTokens: true });
const Read = (): MethodDecorator =>
  RequiresScope(DELETE_USERS_DATA, { limit: 'read', compatibleTokens: true });

/** Stands for the real controllers: what the door does, it does for any. */
@Controller('api/Letters')
export class LettersController {
  @Post()
  @HttpCode(200)
  @Erase()
  write(@Body() letter: LetterDto): object {
    if (letter.text === 'known') throw new ApiError(409, 'CONFLICT', 'Conflict');
    return { wrote: letter.text };
  }

  @Delete()
  @Erase()
  erase(@Body() letter: LetterDto): object {
    return { erased: letter.text };
  }

  @Get('status/:id')
  @Read()
  status(@Param('id') id: string): object {
    if (id !== 'Known-1') throw notFound();
    return { id };
  }

  @Post('small')
  @HttpCode(200)
  @Erase()
  @AddRouteConfig({ bodyLimit: 100 })
  small(@Body() letter: LetterDto): object {
    return { wrote: letter.text };
  }

  /** Reads its lines only where it is told to by the first. */
  @Post('lines')
  @HttpCode(200)
  @RequiresScope(DELETE_USERS_DATA, { limit: 'bulk' })
  @AddRouteConfig({ bodyLimit: 1_000_000, lines: true })
  async lines(@Req() { body, longCall }: FastifyRequest): Promise<object> {
    let count = 0;
    for await (const { values } of (body ?? []) as JsonLines) {
      if (values[0] === 'refuse') throw new ApiError(409, 'CONFLICT', 'Conflict');
      await longCall?.charge(values.length);
      count += values.length;
    }
    return { count };
  }

  @Post('unlimited')
  @HttpCode(200)
  @RequiresScope(DELETE_USERS_DATA, { limit: null })
  unlimited(): object {
    return {};
  }

  @Put('signed')
  @Erase()
  sign(@Body() letter: LetterDto): object {
    return { signed: letter.text };
  }

  @Patch('signed')
  @Erase()
  amend(@Body() letter: LetterDto): object {
    return { amended: letter.text };
  }

  /** Forgot to declare anything. */
  @Get('closed')
  closed(): object {
    return { secret: true };
  }

  @Get('broken/:how')
  @Read()
  broken(@Param('how') how: string): object {
    switch (how) {
      case 'database':
        throw new DatabaseFault('08006');
      case 'constraint':
        throw new DatabaseFault('23505', 'letters_pkey', 'letters', null);
      case 'rejected':
        return Promise.reject(new AggregateError([], 'marked text'));
      default:
        throw new TypeError('marked text of a driver\n    at jane (/secret/place.ts:1:1)');
    }
  }
}
