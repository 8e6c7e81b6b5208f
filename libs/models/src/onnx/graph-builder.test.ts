import { describe, expect, it } from 'vitest';
import { GraphBuilder } from './graph-builder.js';

function addOne(): GraphBuilder {
  const builder = new GraphBuilder('g');
  const x = builder.input({ name: 'x', type: 'float32', dims: ['n', 2] });
  builder.node('Add', [x, builder.floats([1, 1])], { axis: { int: 3 } }, ['y']);
  builder.output({ name: 'y', type: 'float32', dims: ['n', 2] });
  return builder;
}

/** The file of `addOne`, field by field: key (field number and wire type), length, content. */
const expectedHex = [
  ['0808', 'ModelProto.ir_version 8'],
  ['1203' + '617664', 'producer_name avd'],
  ['3a6e', 'graph'],
  ['0a24', '. node'],
  ['0a01' + '78', '. . input x'],
  ['0a07' + '636f6e73745f30', '. . input const_0'],
  ['1201' + '79', '. . output y'],
  ['1a01' + '79', '. . name y'],
  ['2203' + '416464', '. . op_type Add'],
  ['2a0b' + '0a0461786973' + '1803' + 'a00102', '. . attribute axis, i 3, type INT'],
  ['1201' + '67', '. name g'],
  ['2a17', '. initializer'],
  ['0802' + '1001', '. . dims 2, data_type FLOAT'],
  ['4207' + '636f6e73745f30', '. . name const_0'],
  ['4a08' + '0000803f0000803f', '. . raw_data 1.0, 1.0'],
  ['5a14' + '0a0178', '. input x'],
  ['120f0a0d0801' + '1209' + '0a0312016e' + '0a020802', '. . type: tensor, FLOAT, [n, 2]'],
  ['6214' + '0a0179', '. output y'],
  ['120f0a0d0801' + '1209' + '0a0312016e' + '0a020802', '. . type'],
  ['4204' + '0a00' + '1011', 'opset_import: default domain, version 17'],
]
  .map(([hex]) => hex)
  .join('');

describe('GraphBuilder', () => {
  it('writes the fields of onnx.proto by their numbers', () => {
    expect(Buffer.from(addOne().encode()).toString('hex')).toBe(expectedHex);
  });

  it('gives the same bytes for the same graph', () => {
    expect(addOne().encode()).toEqual(addOne().encode());
  });

  it('refuses constants whose shape does not fit their values', () => {
    expect(() => new GraphBuilder('g').floats([1, 2, 3], [2, 2])).toThrow(RangeError);
  });
});
