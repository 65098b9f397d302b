import { contract } from '../contract/contract';
import { novaLab, startNova } from './harness';

/** The lab of the global set-up serves all of it but what needs tokens that expire soon. */
contract('a real Nova', (which) => {
  if (which === 'own') return startNova({ tokenTtl: 4, name: 'contract' });
  return Promise.resolve({ lab: novaLab(), stop: () => Promise.resolve() });
});
