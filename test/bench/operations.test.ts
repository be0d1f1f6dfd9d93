import { expect, test } from 'vitest';
import { bill } from '../../bench/bill.ts';
import { operationOf } from '../../bench/operations.ts';

const addresses = { blob: 'h:1', queue: 'h:2', table: 'h:3', engine: 'h:4' };
const name = (host: string, method: string, path: string, conditional = false) => {
  const operation = operationOf({ host, method, path, conditional }, addresses);
  return `${operation.service}: ${operation.name}`;
};

test.each([
  ['h:1', 'GET', '/account/inputimages/batch/1.jpg', 'blob: Get Blob'],
  ['h:1', 'HEAD', '/account/inputimages/batch/1.jpg', 'blob: Get Blob Properties'],
  ['h:1', 'PUT', '/account/faces/a.jpg', 'blob: Put Blob'],
  ['h:1', 'DELETE', '/account/faces/a.jpg', 'blob: Delete Blob'],
  ['h:1', 'PUT', '/account/faces?restype=container', 'blob: Create Container'],
  ['h:1', 'GET', '/account/faces?restype=container&comp=list&prefix=a', 'blob: List Blobs'],
  ['h:2', 'POST', '/account/ocr/messages?messagettl=-1', 'queue: Put Message'],
  ['h:2', 'GET', '/account/ocr/messages?numofmessages=1', 'queue: Get Messages'],
  ['h:2', 'GET', '/account/ocr/messages?peekonly=true', 'queue: Peek Messages'],
  ['h:2', 'DELETE', '/account/ocr/messages/17?popreceipt=x', 'queue: Delete Message'],
  ['h:2', 'DELETE', '/account/ocr/messages', 'queue: Clear Messages'],
  ['h:2', 'PUT', '/account/ocr/messages/17?popreceipt=x&visibilitytimeout=60', 'queue: Update Message'],
  ['h:2', 'PUT', '/account/ocr', 'queue: Create Queue'],
  ['h:2', 'GET', '/account/ocr?comp=metadata', 'queue: Get Queue Metadata'],
  ['h:3', 'POST', '/account/Tables', 'table: Create Table'],
  ['h:3', 'POST', '/account/pipelinelogs', 'table: Insert Entity'],
  ['h:3', 'GET', "/account/pipelinelogs(PartitionKey='a',RowKey='b')", 'table: Get Entity'],
  ['h:3', 'GET', '/account/pipelinelogs(PartitionKey=%27a%27,RowKey=%27b%27)', 'table: Get Entity'],
  ['h:3', 'GET', '/account/pipelinelogs()?$filter=x', 'table: Query Entities'],
  ['h:3', 'DELETE', "/account/pipelinelogs(PartitionKey='a',RowKey='b')", 'table: Delete Entity'],
  ['h:4', 'POST', '/vision/v3.2/analyze?visualFeatures=Tags', 'vision: POST analyze'],
  [
    'h:4',
    'GET',
    '/vision/v3.2/read/analyzeResults/0b6e3a52-9d3f-4c39-8a51-0d1c9c0f1f4e',
    'vision: GET read/analyzeResults/{id}',
  ],
  [
    'h:4',
    'POST',
    '/face/v1.0/facelists/mine-fresh-00/persistedfaces',
    'face: POST facelists/{id}/persistedfaces',
  ],
  ['h:4', 'POST', '/face/v1.0/detect', 'face: POST detect'],
  ['elsewhere', 'GET', '/', 'other: GET elsewhere'],
])('%s %s %s is %s', (host, method, path, expected) => {
  expect(name(host, method, path)).toBe(expected);
});

test('a merge that carries an ETag is told from an insert-or-merge', () => {
  const path = "/account/pipelinelogs(PartitionKey='a',RowKey='b')";
  expect(name('h:3', 'PATCH', path, true)).toBe('table: Merge Entity');
  expect(name('h:3', 'PATCH', path, false)).toBe('table: Insert Or Merge Entity');
});

test('a bill adds up the operations of each kind, for a thousand images', () => {
  const counts = {
    'queue: Put Message': 2,
    'queue: Get Messages': 1,
    'blob: Put Blob': 1,
    'blob: Get Blob': 3,
    'vision: POST analyze': 1,
  };
  const lines = Object.fromEntries(bill([{ counts, executions: 8 }]));
  expect(lines).toEqual({
    'function executions': '8,000',
    'queue transactions': '3,000',
    'table transactions': '0',
    'blob writes and lists': '1,000',
    'blob reads and others': '3,000',
    'Computer Vision transactions': '1,000',
    'Face transactions': '0',
  });
});
