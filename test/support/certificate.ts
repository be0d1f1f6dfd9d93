import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';

interface ServerCertificate {
  /** PEM: for the server, and for the client as its `ca`. */
  cert: string;
  /** PEM. */
  key: string;
}

/**
 * A self-signed certificate for a local TLS server, valid for a day around now: made here, so that no key is committed,
 * nothing expires and no tool is needed. DER as in RFC 5280, 4.1; ECDSA with SHA-256 on P-256.
 */
export function selfSignedCertificate(hosts: readonly string[]): ServerCertificate {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const ecdsaWithSha256 = sequence(objectId('2a8648ce3d040302'));
  const commonName = sequence(
    der(0x31, sequence(objectId('550403'), der(0x0c, Buffer.from('Imaginem test')))),
  );
  const alternativeNames = sequence(...hosts.map((host) => der(0x82, Buffer.from(host, 'latin1'))));
  const basicConstraints = sequence(der(0x01, Buffer.from([0xff])));
  const day = 86_400_000;
  const body = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.concat([Buffer.from([1]), randomBytes(8)])),
    ecdsaWithSha256,
    commonName,
    sequence(time(Date.now() - day), time(Date.now() + day)),
    commonName,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(
      0xa3,
      sequence(
        sequence(objectId('551d11'), der(0x04, alternativeNames)),
        sequence(objectId('551d13'), der(0x04, basicConstraints)),
      ),
    ),
  );
  const signature = der(0x03, Buffer.concat([Buffer.from([0]), sign('sha256', body, privateKey)]));
  const certificate = sequence(body, ecdsaWithSha256, signature).toString('base64');
  return {
    cert: `-----BEGIN CERTIFICATE-----\n${certificate.replace(/.{1,64}/g, '$&\n')}-----END CERTIFICATE-----\n`,
    key: String(privateKey.export({ type: 'pkcs8', format: 'pem' })),
  };
}

function der(tag: number, content: Buffer): Buffer {
  const { length } = content;
  const size =
    length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

const sequence = (...parts: Buffer[]) => der(0x30, Buffer.concat(parts));
const objectId = (hex: string) => der(0x06, Buffer.from(hex, 'hex'));
/** UTCTime: YYMMDDhhmmssZ. */
const time = (ms: number) =>
  der(0x17, Buffer.from(`${new Date(ms).toISOString().replace(/\D/g, '').slice(2, 14)}Z`, 'latin1'));
