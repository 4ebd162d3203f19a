import { Injectable } from '@nestjs/common';
import { ReadinessCheck } from '../../common/readiness-check.js';
import { StoresService } from '../../stores/stores.service.js';

/** A worker can work only while the platform fits the data map. */
@Injectable()
export class DataMapCheck extends ReadinessCheck {
  override readonly name = 'data-map';

  constructor(private readonly stores: StoresService) {
    super();
  }

  override ready(): Promise<boolean> {
    return Promise.resolve(this.stores.state === 'fits');
  }
}
