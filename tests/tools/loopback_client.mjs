// Uses an API through LoopBack 2's own client, the connector by which one LoopBack application reaches another.
//
//     node loopback_client.mjs <url of the API>
//
// The API serves the models Customer, Order, Profile and Shop, without rows. Prints one line for each call: its name, and what the
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
const Shop = model('Shop', { name: 'string', spot: 'geopoint' });

let ann, shop;
const call = (object, method, ...args) => promisify(object[method]).call(object, ...args);

// What came along with what was found: the client keeps it beside the members.
const included = (found, ...relations) => [found].flat().map(
  (one) => Object.fromEntries([['id', one.id], ...relations.map((name) => [name, (one.__cachedRelations || {})[name]])]),
);

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

  'find with an include': async () => included(
    await Customer.find({ where: { id: ann.id }, fields: ['id'], include: 'orders' }), 'orders',
  ),
  'find with several includes': async () => included(
    await Customer.find({ order: 'id', limit: 2, include: ['orders', 'profile'] }), 'orders', 'profile',
  ),
  'find with a nested include': async () => included(
    await Order.find({ include: { customer: ['orders', 'profile'] } }), 'customer',
  ),
  'find with the scope of an include': async () => included(await Customer.find({
    order: 'id', limit: 1,
    include: { relation: 'orders', scope: { where: { total: { gt: 1 } }, order: 'total DESC', fields: ['total'] } },
  }), 'orders'),
  'find with an include that nobody knows': async () => {
    try {
      return await Customer.find({ include: 'nothing' });
    } catch (error) {
      return error.message;
    }
  },
  'findById with an include': async () => included(
    await Customer.findById(ann.id, { fields: ['id'], include: 'profile' }), 'profile',
  ),
  'findOne with an include': async () => included(
    await Customer.findOne({ where: { id: ann.id }, include: 'orders' }), 'orders',
  ),
  'find of a relation with an include': async () => included(
    await call(ann, 'orders', { include: 'customer' }), 'customer',
  ),
  'find in order of two keys': () => Customer.find({ order: ['vip DESC', 'name DESC'], fields: ['id'], where: { name: { neq: null } } }),
  'find with like': () => Customer.find({ where: { name: { like: '%n%' } }, fields: ['name'] }),
  'find with ilike': () => Customer.find({ where: { name: { ilike: '%B%' } }, fields: ['name'] }),
  'find with nlike': () => Customer.find({ where: { name: { nlike: '%n%' } }, order: 'id', fields: ['name'] }),
  'find with a regular expression': () => Customer.find({ where: { name: { regexp: '/^a/i' } }, fields: ['name'] }),
  'find with neq': () => Customer.find({ where: { name: { neq: 'Bob' } }, order: 'id', fields: ['id'] }),
  'find with between': () => Customer.find({ where: { age: { between: [9, 44] } }, order: 'id', fields: ['id'] }),
  'find with an item of a list': () => Customer.find({ where: { tags: 'a' }, fields: ['id'] }),
  'find with a path': () => Customer.find({ where: { 'address.city': 'X' }, fields: ['id'] }),
  'find what is null': () => Customer.find({ where: { age: null }, order: 'id', fields: ['id'] }),
  'find with a bad limit': () => Customer.find({ limit: -1 }),
  'count of all': () => Customer.count(),
  'count of some': () => Customer.count({ or: [{ age: { gt: 40 } }, { vip: true }] }),

  patchOrCreate: () => Customer.patchOrCreate({ id: 77, age: 6 }),
  patchOrCreateWithWhere: () => Customer.patchOrCreateWithWhere({ name: 'Bob' }, { age: 45 }),
  'upsertWithWhere, nobody': () => Customer.upsertWithWhere({ name: 'Gil' }, { id: 79, name: 'Gil' }),
  'upsertWithWhere, several': () => Customer.upsertWithWhere({ id: { gt: 0 } }, { age: 1 }),
  'replaceOrCreate, somebody': () => Customer.replaceOrCreate({ id: 77, name: 'Eva' }),
  'replaceById, nobody': async () => {
    try {
      return await Customer.replaceById(999, { name: 'Zoe' });
    } catch (error) {
      return error.message;
    }
  },
  patchAttributes: async () => (await Customer.findById(77)).patchAttributes({ age: 7 }),
  save: async () => {
    const edo = await Customer.findById(77);
    edo.age = 10;
    return call(edo, 'save');
  },
  'save, somebody new': () => call(new Customer({ id: 80, name: 'Hal' }), 'save'),
  'updateAll of several': () => Customer.updateAll({ id: { inq: [77, 79] } }, { vip: false }),
  'update of nobody': () => Customer.update({ name: 'Zoe' }, { vip: false }),
  deleteById: () => Customer.deleteById(79),

  'updateById of a relation': () => ann.__updateById__orders(1, { total: 6 }),
  'exists of a relation': () => ann.orders.exists(1),
  'create several of a relation': () => ann.orders.create([{ total: 7 }, { total: 8 }]),
  'find of a relation in order': () => call(ann, 'orders', { order: 'total DESC', limit: 2 }),
  'count of some of a relation': () => ann.orders.count({ total: { gt: 6 } }),
  'destroy of a relation': async () => {
    await ann.orders.destroyById(1);
    return ann.orders.count();
  },
  'destroyAll of a relation': async () => {
    await ann.__delete__orders();
    return ann.orders.count();
  },
  'update of a hasOne': () => ann.__update__profile({ text: 'likes rum' }),
  'destroy of a hasOne': async () => {
    await ann.__destroy__profile();
    return included(await Customer.find({ where: { id: ann.id }, include: 'profile' }), 'profile');
  },

  'create with a point': async () => {
    shop = await Shop.create({ name: 'East', spot: { lat: 0, lng: 2 } });
    return shop;
  },
  'create with a point as text': () => Shop.create({ name: 'West', spot: '0,-1' }),
  'create without a point': () => Shop.create({ name: 'Lost' }),
  'find what is near': () => Shop.find({ where: { spot: { near: '0,0' } } }),
  'find what is near, to a point': () => Shop.find({ where: { spot: { near: new loopback.GeoPoint(0, 3) } }, fields: ['name'] }),
  'find what is near and not too far': () => Shop.find({
    where: { spot: { near: { lat: 0, lng: 0 }, maxDistance: 120, unit: 'kilometers' } }, fields: ['name'],
  }),
  'find the nearest': () => Shop.findOne({ where: { spot: { near: '0,3' } }, fields: ['name'] }),
  'create what breaks a rule': () => Shop.create({ spot: '0,0' }),
  'update to what breaks a rule': () => shop.updateAttributes({ name: '' }),
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
