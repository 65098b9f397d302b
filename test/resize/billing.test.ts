import { refusalOf } from '../../src/resize/precondition';
import { server, TO } from './looks';

const where = { project: 'project' };
const running = server('ACTIVE active - f1');

describe('a server that is not paid for by use', () => {
  it('but by year or month is refused: another flavor needs an order', () => {
    const refusal = refusalOf({ ...running, billing: 'prepaid' }, 'f2', TO, where);
    expect(refusal?.message).toMatch(/^server web-07 \(11111111-.*paid by year or month .*needs an order/);
    expect(refusal?.advice?.you).toContain('/v1.1/{project_id}/cloudservers/{server_id}/resize');
  });

  it('but as a spot server is refused', () => {
    const refusal = refusalOf({ ...running, billing: 'spot' }, 'f2', TO, where);
    expect(refusal?.message).toMatch(/is a spot server .*does not resize/);
    expect(refusal?.advice?.you).toMatch(/\S/);
  });

  it('is refused before the flavors are compared, and after its state', () => {
    expect(refusalOf({ ...server('ACTIVE active - f2'), billing: 'prepaid' }, 'f2', TO, where)?.message).toContain(
      'order',
    );
    expect(refusalOf({ ...server('ERROR error - f1'), billing: 'prepaid' }, 'f2', TO, where)?.message).toContain(
      'ERROR',
    );
  });
});
