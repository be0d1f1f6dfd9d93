import { expect, test } from 'vitest';
import { toFaceLandmarks } from '../../../../src/local/vision/face/landmarks.ts';

/** 68 points of a schematic face that is symmetric about x = 100. */
function schematicFace() {
  const half: Record<number, [number, number]> = {
    17: [40, 60],
    21: [85, 62],
    36: [55, 80],
    37: [62, 76],
    38: [72, 76],
    39: [80, 80],
    40: [72, 84],
    41: [62, 84],
    31: [88, 125],
    48: [70, 150],
  };
  const mirror: Record<number, number> = {
    17: 26,
    21: 22,
    36: 45,
    37: 44,
    38: 43,
    39: 42,
    40: 47,
    41: 46,
    31: 35,
    48: 54,
  };
  const points = Array.from({ length: 68 }, () => ({ x: 100, y: 100 }));
  for (const [index, [x, y]] of Object.entries(half)) {
    points[Number(index)] = { x, y };
    points[mirror[Number(index)] ?? 0] = { x: 200 - x, y };
  }
  points[27] = { x: 100, y: 80 };
  points[29] = { x: 100, y: 105 };
  points[30] = { x: 100, y: 115 };
  points[51] = { x: 100, y: 142 };
  points[62] = { x: 100, y: 148 };
  points[66] = { x: 100, y: 152 };
  points[57] = { x: 100, y: 160 };
  return points;
}

test('left is the viewer’s left, and both sides mirror each other', () => {
  const landmarks = toFaceLandmarks(schematicFace());
  for (const [name, { x, y }] of Object.entries(landmarks)) {
    if (!name.includes('Left')) continue;
    const other = landmarks[name.replace('Left', 'Right')];
    expect(other, name).toEqual({ x: 200 - x, y });
    expect(x, name).toBeLessThan(100);
  }
});

test('each point lies where its name says', () => {
  const at = toFaceLandmarks(schematicFace());
  expect(at.pupilLeft).toEqual({ x: 67.2, y: 80 });
  expect(at.eyeLeftTop).toEqual({ x: 67, y: 76 });
  expect(at.noseRootLeft).toEqual({ x: 90, y: 80 });
  expect(at.noseTip).toEqual({ x: 100, y: 115 });
  const lips = [at.upperLipTop, at.upperLipBottom, at.underLipTop, at.underLipBottom].map(
    (point) => point?.y ?? 0,
  );
  expect(lips).toEqual([142, 148, 152, 160]);
});

test('fewer than 68 points are a mistake, not a face', () => {
  expect(() => toFaceLandmarks(schematicFace().slice(0, 60))).toThrow(RangeError);
});
