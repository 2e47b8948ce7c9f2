// Uses an API through LoopBack 2's own client, the connector by which one LoopBack application reaches another.
//
//     node loopback_client.mjs <url of the API>
//
// The API serves the models Customer, Order and Profile, without rows. Prints one line for each call: its name, and what the
// client got. A member that is null and one that is absent are the same here: a document store keeps them apart, and a table
// does not.
//
// LW_TEST_TOOLS names the folder with loopback and loopback-connector-remote.

import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const here = path.dirname(fileURLToPath(import.meta.url));
const tools = process.env.LW_TEST_TOOLS || path.join(here, '../../target/tools');
const require = createRequire(path.join(tools, 'node/package.json'));
const loopback = require('loopback');

const [url] = process.argv.slice(2);
if (!url) {
  console.error('usage: node loopback_client.mjs <url of the API>');
  process.exit(64);
}

const app = loopback();
const api = loopback.createDataSource('api', { connector: require('loopback-connector-remote'), url });

function model(name, properties, relations = {}) {
  const made = loopback.PersistedModel.extend(name, properties, { relations });
  made.attachTo(api);
  app.model(made, { dataSource: null, public: false });
  return made;
}

const Customer = model(
  'Customer',
  { name: 'string', age: 'number', vip: 'boolean', born: 'date', tags: ['string'], address: 'object' },
  { orders: { type: 'hasMany', model: 'Order' }, profile: { type: 'hasOne', model: 'Profile' } },
);
const Order = model(
  'Order',
  { total: 'number', customerId: 'number' },
  { customer: { type: 'belongsTo', model: 'Customer' } },
);
model('Profile', { text: 'string', customerId: 'number' });

let ann;
const call = (object, method, ...args) => promisify(object[method]).call(object, ...args);

const calls = {
  create: async () => {
    ann = await Customer.create({
      name: 'Ann', age: 3, vip: true, born: new Date(0), tags: ['a'], address: { city: 'X' },
    });
    return ann;
  },
  'create several': async () => {
    const made = await Customer.create([{ name: 'Bob' }, { name: 'Cid' }]);
    return [made[0].id, made[1].id];
  },
  find: () => Customer.find({ where: { age: { gt: 1 } }, order: 'name DESC', limit: 3 }),
  'find with and, or, inq': () => Customer.find({
    where: { and: [{ or: [{ name: 'Bob' }, { age: 3 }] }, { id: { inq: [1, 2, 3] } }] }, order: 'id ASC',
  }),
  'find by a date': () => Customer.find({ where: { born: new Date(0) }, fields: { name: true } }),
  'find the second page': () => Customer.find({ order: 'id', limit: 1, skip: 1 }),
  findById: () => Customer.findById(ann.id),
  'findById, nobody': () => Customer.findById(999),
  findOne: () => Customer.findOne({ where: { name: 'Bob' } }),
  'findOne, nobody': () => Customer.findOne({ where: { name: 'Zoe' } }),
  count: () => Customer.count({ name: 'Bob' }),
  updateAttributes: () => ann.updateAttributes({ age: 9 }),
  'updateAttributes, another id': () => ann.updateAttributes({ id: 17 }),
  upsert: () => Customer.upsert({ id: ann.id, name: 'Ann Lee' }),
  'upsert, nobody': () => Customer.upsert({ id: 77, name: 'Dan' }),
  updateOrCreate: () => Customer.updateOrCreate({ id: 77, age: 5 }),
  upsertWithWhere: () => Customer.upsertWithWhere({ name: 'Bob' }, { age: 44 }),
  replaceById: () => Customer.replaceById(77, { name: 'Eve' }),
  replaceOrCreate: () => Customer.replaceOrCreate({ id: 78, name: 'Fay' }),
  updateAll: () => Customer.updateAll({ name: 'Cid' }, { age: 1 }),
  destroyById: () => Customer.destroyById(78),
  'destroyById, nobody': () => Customer.destroyById(78),
  'create of a relation': () => ann.orders.create({ total: 5 }),
  'find of a relation': () => call(ann, 'orders', { where: { total: 5 } }),
  'count of a relation': () => ann.orders.count(),
  'findById of a relation': () => ann.orders.findById(1),
  'findById of a relation, nothing': () => ann.orders.findById(99),
  'create of a hasOne': () => ann.profile.create({ text: 'likes tea' }),
  'get of a hasOne': () => call(ann, 'profile', true),
  'create of a second hasOne': () => ann.profile.create({ text: 'likes coffee' }),
  'get of a belongsTo': async () => call(await Order.findById(1), 'customer', true),
  'a list that is none': () => Customer.create({ tags: 5 }),
};

const plain = (_, value) => (value === null ? undefined : value);
for (const [name, run] of Object.entries(calls)) {
  let line;
  try {
    line = JSON.stringify(JSON.parse(JSON.stringify((await run()) ?? null)), plain);
  } catch (error) {
    line = `${error.statusCode || error.stack} ${error.code || '-'} ${error.message}`;
  }
  console.log(`${name}: ${line}`);
}
process.exit();
