import type { Settings } from './layers';

/** Of the domains of a cloud with one domain for all. */
const DEFAULT_DOMAIN = { user_domain_name: 'Default', project_domain_name: 'Default' };

/** The public clouds that openstacksdk 4.22 knows by name (`openstack/config/vendors`), those that still run. */
const VENDORS: Readonly<Record<string, Settings>> = {
  auro: { auth: { auth_url: 'https://api.van2.auro.io:5000/v3', ...DEFAULT_DOMAIN }, region_name: 'RegionOne' },
  binero: { auth: { auth_url: 'https://auth.binero.cloud:5000/v3' }, regions: ['europe-se-1'] },
  catalyst: { auth: { auth_url: 'https://api.cloud.catalyst.net.nz:5000' }, regions: ['nz-por-1', 'nz_wlg_2'] },
  citycloud: {
    auth: { auth_url: 'https://{region_name}.citycloud.com:5000/v3/' },
    regions: ['Buf1', 'Fra1', 'Sto2', 'Kna1', 'dx1', 'tky1'],
  },
  dreamcompute: { auth: { auth_url: 'https://iad2.dream.io:5000' }, region_name: 'RegionOne' },
  elastx: { auth: { auth_url: 'https://ops.elastx.cloud:5000/v3' }, region_name: 'se-sto' },
  entercloudsuite: {
    auth: { auth_url: 'https://api.entercloudsuite.com/' },
    regions: ['it-mil1', 'nl-ams1', 'de-fra1'],
  },
  limestonenetworks: { auth: { auth_url: 'https://auth.cloud.lstn.net:5000/v3' }, regions: ['us-dfw-1', 'us-slc'] },
  otc: { auth: { auth_url: 'https://iam.{region_name}.otc.t-systems.com/v3' }, regions: ['eu-de', 'eu-nl'] },
  'otc-swiss': { auth: { auth_url: 'https://iam-pub.eu-ch2.sc.otc.t-systems.com/v3' }, regions: ['eu-ch2'] },
  'ovh-us': {
    auth: { auth_url: 'https://auth.cloud.ovh.us/', ...DEFAULT_DOMAIN },
    regions: ['US-EAST-VA-1', 'US-WEST-OR-1', 'US-EAST-VA', 'US-WEST-OR'],
  },
  switchcloud: { auth: { auth_url: 'https://identity.compute.cloud.switch.ch/v3' }, regions: ['zhw', 'zhc'] },
  switchengines: { auth: { auth_url: 'https://keystone.cloud.switch.ch:5000/v3' }, regions: ['LS', 'ZH'] },
  zetta: { auth: { auth_url: 'https://identity.api.zetta.io/v3' }, regions: ['no-osl1'] },
};

/** What is known of a public cloud that a profile names; undefined when nothing is. */
export function vendorNamed(name: string): Settings | undefined {
  return Object.hasOwn(VENDORS, name) ? VENDORS[name] : undefined;
}

export const KNOWN_VENDORS: readonly string[] = Object.keys(VENDORS);
