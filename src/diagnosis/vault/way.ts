/** Causes on the way to Vault. */
import type { Suspect } from './suspect.ts'

export function down(message: string): Suspect {
  return {
    code: 'diagnosis/vault-down',
    where: 'vault',
    inShort: 'Vault does not answer',
    message: `Vault does not answer (${message})`,
    remedy: 'start Vault, and unseal it; change nothing in Barbican or in the tenant',
  }
}

export function unreachable(reason: string): Suspect {
  return {
    code: 'diagnosis/vault-unreachable',
    where: 'vault',
    inShort: 'Barbican does not reach Vault',
    message: `Vault answers here and is unsealed, and Barbican does not reach it (${reason})`,
    remedy:
      'check the address of Vault in `[vault_plugin]` of barbican.conf, and the network between the two; change nothing in the tenant',
  }
}

export function sealed(how: string): Suspect {
  return {
    code: 'diagnosis/vault-sealed',
    where: 'vault',
    inShort: 'Vault is sealed',
    message: `Vault is sealed (${how})`,
    remedy: 'unseal every unit (vault operator unseal); change nothing in Barbican or in the tenant',
  }
}

export const sealedBefore: Suspect = { ...sealed('then'), inShort: 'it was sealed then, and unsealed since' }
export const sealedElsewhere: Suspect = {
  ...sealed('one unit'),
  inShort: 'another unit of Vault behind the same address is sealed',
}

export function tls(reason: string): Suspect {
  const what = /expired/i.test(reason)
    ? "Vault's certificate, or one above it, has expired"
    : /hostname|IP address mismatch|doesn't match/i.test(reason)
      ? "Vault's certificate is for another name"
      : /CERTIFICATE_VERIFY_FAILED/i.test(reason)
        ? "Vault's certificate is of a CA that Barbican does not trust"
        : 'the TLS handshake fails'
  return {
    code: 'diagnosis/vault-tls',
    where: 'vault',
    inShort: what,
    message: `Barbican does not accept the TLS of Vault: ${what} (${reason})`,
    remedy:
      'give Barbican the CA of Vault (`ssl_ca_crt_file` in `[vault_plugin]`), or renew the certificate of Vault; then restart barbican-api',
  }
}

export const plainHttp: Suspect = {
  ...tls('Expecting value: line 1 column 1'),
  inShort: 'Barbican speaks plain http to a port of Vault that speaks TLS (`vault_url` in `[vault_plugin]`)',
}
export const proxyAnswers: Suspect = {
  ...plainHttp,
  inShort: 'something else than Vault answers at its address, as a proxy',
}
