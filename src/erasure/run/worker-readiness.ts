import { Injectable } from '@nestjs/common';
import { KeyRingCheck } from '../../common/keys/key-ring-check.js';
import { ReadinessCheck } from '../../common/readiness-check.js';
import { StoresService } from '../../stores/stores.service.js';

/** A worker can work only while the platform fits the data map. */
@Injectable()
export class DataMapReadiness extends ReadinessCheck {
  override readonly name = 'data-map';

  constructor(private readonly stores: StoresService) {
    super();
  }

  override ready(): Promise<boolean> {
    return Promise.resolve(this.stores.state === 'fits');
  }
}

/** A worker can work only with the keys that sealed what was accepted. */
@Injectable()
export class KeysReadiness extends ReadinessCheck {
  override readonly name = 'keys';

  constructor(private readonly keys: KeyRingCheck) {
    super();
  }

  override ready(): Promise<boolean> {
    return this.keys.unwraps();
  }
}
