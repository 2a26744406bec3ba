/** What Anchor's own client makes of our IDLs: instructions, accounts, events and errors, on the local chain. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import anchor from '@coral-xyz/anchor';
import { createAssociatedTokenAccount, getAccount, mintTo, TOKEN_PROGRAM_ID } from '@solana/spl-token';
import { Keypair } from '@solana/web3.js';
import { number64, pda, startPlatform, systemProgram } from './platform.mjs';

const { AnchorError, BN, EventParser } = anchor;
const METER = 'meter-1.A_b';
const KWH = new BN(1_000_000_000);
const PRICE = new BN(2_000_000);
const DAY = 86_400;
const tokenProgram = TOKEN_PROGRAM_ID;
const seller = Keypair.generate();
const buyer = Keypair.generate();
let platform;

before(async () => {
  platform = await startPlatform();
});

after(() => platform.stop());

async function eventsOf(program, signature) {
  const { meta } = await platform.connection.getTransaction(signature, { maxSupportedTransactionVersion: 0 });
  return [...new EventParser(program.programId, program.coder).parseLogs(meta.logMessages)];
}

async function onlyEventOf(program, signature) {
  const events = await eventsOf(program, signature);
  assert.equal(events.length, 1);
  return events[0];
}

function orderAddress({ publicKey }, id) {
  return pda(platform.trading, 'order', publicKey.toBytes(), number64(id));
}

function inADay() {
  return new BN(Math.floor(Date.now() / 1000) + DAY);
}

test('The client initialises the programs and reads their configuration', async () => {
  const { admin, registry, energyToken, trading, registrar, oracle, matcher } = platform;
  const by = { payer: admin.publicKey, admin: admin.publicKey, systemProgram };
  await energyToken.methods.initialize(platform.registryAddress)
    .accountsStrict({
      ...by, programData: platform.programData(energyToken), tokenConfig: platform.tokenConfig,
      mint: platform.gridMint, tokenProgram,
    })
    .rpc();
  await registry.methods
    .initialize(
      registrar.publicKey, oracle.publicKey, energyToken.programId, new BN(1), new BN(1_000_000), new BN(300),
    )
    .accountsStrict({ ...by, programData: platform.programData(registry), registry: platform.registryAddress })
    .rpc();
  await trading.methods.initializeMarket(100, new BN(1), new BN(1_000_000_000), [matcher.publicKey])
    .accountsStrict({
      ...by, programData: platform.programData(trading), market: platform.market, gridMint: platform.gridMint,
      grxMint: platform.grxMint, gridVault: platform.gridVault, grxVault: platform.grxVault,
      feeAccount: platform.feeAccount, tokenProgram,
    })
    .rpc();
  await trading.methods.openSettlementPage(new BN(0))
    .accountsStrict({
      payer: admin.publicKey, market: platform.market, systemProgram,
      page: pda(trading, 'settlements', number64(0)),
    })
    .rpc();

  const config = await registry.account.registry.fetch(platform.registryAddress);
  assert.equal(config.oracle.toBase58(), oracle.publicKey.toBase58());
  assert.equal(config.maxPowerW.toNumber(), 1_000_000);
  const token = await energyToken.account.tokenConfig.fetch(platform.tokenConfig);
  assert.equal(token.mint.toBase58(), platform.gridMint.toBase58());
  const market = await trading.account.market.fetch(platform.market);
  assert.equal(market.feeBps, 100);
  assert.equal(market.matcherCount, 1);
  assert.equal(market.matchers[0].toBase58(), matcher.publicKey.toBase58());
});

test('The client registers users and a meter, and a listener hears of it', async () => {
  const { registry, registrar } = platform;
  await platform.fund(seller, buyer);
  const heard = new Promise((resolve) => {
    const listener = registry.addEventListener('meterRegistered', (event) => {
      resolve(registry.removeEventListener(listener).then(() => event));
    });
  });
  for (const [{ publicKey }, type] of [[seller, 1], [buyer, 0]]) {
    const signature = await registry.methods.registerUser(type)
      .accountsStrict({
        registrar: registrar.publicKey, registry: platform.registryAddress, wallet: publicKey,
        user: pda(registry, 'user', publicKey.toBytes()), systemProgram,
      })
      .signers([registrar]).rpc();
    const { name, data } = await onlyEventOf(registry, signature);
    assert.equal(name, 'userRegistered');
    assert.equal(data.wallet.toBase58(), publicKey.toBase58());
    assert.equal(data.userType, type);
    for (const mint of [platform.gridMint, platform.grxMint]) {
      await createAssociatedTokenAccount(platform.connection, platform.admin, mint, publicKey);
    }
  }
  const device = Keypair.generate().publicKey;
  const meter = pda(registry, 'meter', METER);
  await registry.methods.registerMeter(METER, [...device.toBytes()], new BN(1_700_000_000))
    .accountsStrict({
      registrar: registrar.publicKey, registry: platform.registryAddress,
      user: pda(registry, 'user', seller.publicKey.toBytes()), meter, systemProgram,
    })
    .signers([registrar]).rpc();

  const event = await heard;
  assert.equal(event.meterId, METER);
  assert.equal(event.owner.toBase58(), seller.publicKey.toBase58());
  const account = await registry.account.meterAccount.fetch(meter);
  assert.equal(Buffer.from(account.meterId).subarray(0, account.meterIdLen).toString(), METER);
  assert.equal(account.lastReadingAt.toNumber(), 1_700_000_000);
  const user = await registry.account.userAccount.fetch(pda(registry, 'user', seller.publicKey.toBytes()));
  assert.equal(user.meterCount, 1);
});

test('The client submits a reading, views what is unsettled, and mints it', async () => {
  const { registry, oracle } = platform;
  const meter = pda(registry, 'meter', METER);
  const now = new BN(Math.floor(Date.now() / 1000));
  await registry.methods.submitMeterReading(new BN(12_000), new BN(2_000), now)
    .accountsStrict({ oracle: oracle.publicKey, registry: platform.registryAddress, meter })
    .signers([oracle]).rpc();
  const unsettled = await registry.methods.getUnsettledBalance().accountsStrict({ meter }).view();
  assert.equal(unsettled.toNumber(), 10_000);

  const destination = platform.gridOf(seller.publicKey);
  const signature = await registry.methods.settleAndMintTokens()
    .accountsStrict({
      registry: platform.registryAddress, tokenConfig: platform.tokenConfig, mint: platform.gridMint,
      energyTokenProgram: platform.energyToken.programId, tokenProgram,
    })
    .remainingAccounts([meter, destination].map((pubkey) => ({ pubkey, isSigner: false, isWritable: true })))
    .rpc();
  const { amount } = await getAccount(platform.connection, destination);
  assert.equal(amount, 10_000_000_000n);
  const { name, data } = await onlyEventOf(registry, signature);
  assert.equal(name, 'meterBalanceSettled');
  assert.equal(data.newTokens.toNumber(), 10_000);
  assert.equal(data.minted, true);
});

test('The client creates orders, finds them, and reads the events of their settlement', async () => {
  const { trading, matcher, admin } = platform;
  const [sellerGrx, buyerGrx] = [platform.grxOf(seller.publicKey), platform.grxOf(buyer.publicKey)];
  await mintTo(platform.connection, admin, platform.grxMint, buyerGrx, admin, 100_000_000n);
  const terms = [new BN(7), KWH, PRICE, inADay()];
  const common = { market: platform.market, systemProgram, tokenProgram };
  const created = await trading.methods.createSellOrder(...terms)
    .accountsStrict({
      ...common, payer: seller.publicKey, owner: seller.publicKey, order: orderAddress(seller, 7),
      ownerGrid: platform.gridOf(seller.publicKey), gridVault: platform.gridVault,
    })
    .signers([seller]).rpc();
  await trading.methods.createBuyOrder(...terms)
    .accountsStrict({
      ...common, payer: buyer.publicKey, owner: buyer.publicKey, order: orderAddress(buyer, 7), ownerGrx: buyerGrx,
      grxVault: platform.grxVault,
    })
    .signers([buyer]).rpc();

  const { name, data } = await onlyEventOf(trading, created);
  assert.equal(name, 'orderCreated');
  assert.equal(data.order.toBase58(), orderAddress(seller, 7).toBase58());
  assert.equal(data.amount.toString(), KWH.toString());
  const [found, ...others] = await trading.account.order.all([
    { memcmp: { offset: 8, bytes: buyer.publicKey.toBase58() } },
  ]);
  assert.equal(others.length, 0);
  assert.equal(found.publicKey.toBase58(), orderAddress(buyer, 7).toBase58());
  assert.equal(found.account.escrowed.toString(), PRICE.toString());
  assert.equal(found.account.side, 0);

  const writable = [
    orderAddress(seller, 7), orderAddress(buyer, 7), platform.gridOf(buyer.publicKey), sellerGrx, buyerGrx,
    seller.publicKey, buyer.publicKey,
  ];
  const settled = await trading.methods.settleMatch([{ settlementId: new BN(1), amount: KWH, price: PRICE }])
    .accountsStrict({
      matcher: matcher.publicKey, market: platform.market, settlementPage: pda(trading, 'settlements', number64(0)),
      gridVault: platform.gridVault, grxVault: platform.grxVault, feeAccount: platform.feeAccount, tokenProgram,
    })
    .remainingAccounts(writable.map((pubkey) => ({ pubkey, isSigner: false, isWritable: true })))
    .signers([matcher]).rpc();
  const trade = await onlyEventOf(trading, settled);
  assert.equal(trade.name, 'tradeExecuted');
  assert.equal(trade.data.totalPrice.toNumber(), 2_000_000);
  assert.equal(trade.data.fee.toNumber(), 20_000);
  assert.equal((await getAccount(platform.connection, sellerGrx)).amount, 1_980_000n);
  assert.equal(await trading.account.order.fetchNullable(orderAddress(seller, 7)), null);
});

test('The owner takes an order back', async () => {
  const { trading } = platform;
  const order = orderAddress(seller, 8);
  await createSellOrder(8, KWH).rpc();
  const signature = await trading.methods.cancelOrder()
    .accountsStrict({
      owner: seller.publicKey, market: platform.market, tokenProgram, order, vault: platform.gridVault,
      refundAccount: platform.gridOf(seller.publicKey), rentPayer: seller.publicKey,
    })
    .signers([seller]).rpc();
  const { name, data } = await onlyEventOf(trading, signature);
  assert.equal(name, 'orderCancelled');
  assert.equal(data.refunded.toString(), KWH.toString());
  assert.equal(data.reason, 0);
});

test('Errors have their names', async () => {
  const { registry, trading } = platform;
  const stranger = Keypair.generate();
  await fails('Unauthorized', 6004, registry.methods.submitMeterReading(new BN(1), new BN(0), new BN(1))
    .accountsStrict({
      oracle: stranger.publicKey, registry: platform.registryAddress, meter: pda(registry, 'meter', METER),
    })
    .signers([stranger]));
  await fails('InsufficientBalance', 6000, createSellOrder(9, KWH.muln(1_000)));
  await fails('PriceOutOfBounds', 6011, createSellOrder(9, KWH, new BN(1_000_000_001)));
  await fails('Unauthorized', 6004, trading.methods.setMaintenance(true)
    .accountsStrict({ admin: stranger.publicKey, market: platform.market })
    .signers([stranger]));
});

function createSellOrder(id, amount, price = PRICE) {
  return platform.trading.methods.createSellOrder(new BN(id), amount, price, inADay())
    .accountsStrict({
      payer: seller.publicKey, owner: seller.publicKey, market: platform.market, order: orderAddress(seller, id),
      ownerGrid: platform.gridOf(seller.publicKey), gridVault: platform.gridVault, systemProgram, tokenProgram,
    })
    .signers([seller]);
}

async function fails(code, errorNumber, request) {
  await assert.rejects(
    () => request.rpc(),
    (error) => {
      assert.ok(error instanceof AnchorError, `${error}`);
      assert.deepEqual(error.error.errorCode, { code, number: errorNumber });
      return true;
    },
  );
}
