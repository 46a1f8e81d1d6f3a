import { decompress as zstdDecompress } from 'fzstd';
import kafkajs from 'kafkajs';
import lz4 from 'lz4-napi';
import snappy from 'snappy';

/**
 * The codecs that other programs compress their records with. kafkajs brings gzip; the rest is registered here, for
 * reading and, where the library can, for writing.
 */
interface Codec {
  compress(encoder: { readonly buffer: Buffer }): Promise<Buffer>;
  decompress(buffer: Buffer): Promise<Buffer>;
}

/**
 * Java's snappy stream (org.xerial.snappy.SnappyOutputStream, the "xerial" framing): this magic, two 32-bit version
 * numbers, then blocks, each preceded by its length. librdkafka sends a bare block.
 */
const XERIAL_MAGIC = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00]);
const XERIAL_HEADER_BYTES = 16;

/** The content of a bare snappy block or of a xerial stream. Throws where the bytes are neither. */
export const snappyDecompress = async (buffer: Buffer): Promise<Buffer> => {
  if (!buffer.subarray(0, XERIAL_MAGIC.length).equals(XERIAL_MAGIC)) return snappyBlock(buffer);
  const blocks: Buffer[] = [];
  for (let at = XERIAL_HEADER_BYTES; at < buffer.length;) {
    const length = buffer.readInt32BE(at);
    const start = at + 4;
    if (length < 0 || start + length > buffer.length) {
      throw new Error(`snappy stream ends within a block: ${length} bytes wanted, ${buffer.length - start} left`);
    }
    blocks.push(await snappyBlock(buffer.subarray(start, start + length)));
    at = start + length;
  }
  return Buffer.concat(blocks);
};

const snappyBlock = async (block: Buffer): Promise<Buffer> => Buffer.from(await snappy.uncompress(block));

const snappyCodec: Codec = {
  compress: (encoder) => snappy.compress(encoder.buffer),
  decompress: snappyDecompress,
};

const lz4Codec: Codec = {
  compress: (encoder) => lz4.compressFrame(encoder.buffer),
  decompress: (buffer) => lz4.decompressFrame(buffer),
};

const zstdCodec: Codec = {
  compress: () => Promise.reject(new Error('zstd is read, not written: produce with gzip or none')),
  // eslint-disable-next-line @typescript-eslint/require-await -- an exception must become a rejection
  decompress: async (buffer) => {
    const content = zstdDecompress(buffer);
    return Buffer.from(content.buffer, content.byteOffset, content.byteLength);
  },
};

let registered = false;

/** Teaches kafkajs snappy, lz4 and zstd, once per process. */
export const registerCodecs = (): void => {
  if (registered) return;
  registered = true;
  kafkajs.CompressionCodecs[kafkajs.CompressionTypes.Snappy] = () => snappyCodec;
  kafkajs.CompressionCodecs[kafkajs.CompressionTypes.LZ4] = () => lz4Codec;
  kafkajs.CompressionCodecs[kafkajs.CompressionTypes.ZSTD] = () => zstdCodec;
};
