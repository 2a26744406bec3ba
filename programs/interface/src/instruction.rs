//! Instruction discriminators; each instruction's accounts and arguments stand in its own file.

use crate::discriminator::instruction;

pub mod registry {
    use super::instruction;

    pub const INITIALIZE: u64 = instruction("initialize");
    pub const UPDATE_REGISTRY: u64 = instruction("update_registry");
    pub const SET_MAINTENANCE: u64 = instruction("set_maintenance");
    pub const REGISTER_USER: u64 = instruction("register_user");
    pub const REGISTER_METER: u64 = instruction("register_meter");
    pub const SUBMIT_METER_READING: u64 = instruction("submit_meter_reading");
    pub const SUBMIT_METER_READINGS: u64 = instruction("submit_meter_readings");
    pub const GET_UNSETTLED_BALANCE: u64 = instruction("get_unsettled_balance");
    pub const SETTLE_METER_BALANCE: u64 = instruction("settle_meter_balance");
    pub const SETTLE_AND_MINT_TOKENS: u64 = instruction("settle_and_mint_tokens");
    pub const DEACTIVATE_METER: u64 = instruction("deactivate_meter");
}

pub mod energy_token {
    use super::instruction;

    pub const INITIALIZE: u64 = instruction("initialize");
    pub const SET_MAINTENANCE: u64 = instruction("set_maintenance");
    pub const MINT_FROM_PRODUCTION: u64 = instruction("mint_from_production");
    pub const RETIRE: u64 = instruction("retire");
}

pub mod trading {
    use super::instruction;

    pub const INITIALIZE_MARKET: u64 = instruction("initialize_market");
    pub const UPDATE_MARKET: u64 = instruction("update_market");
    pub const SET_MAINTENANCE: u64 = instruction("set_maintenance");
    pub const OPEN_SETTLEMENT_PAGE: u64 = instruction("open_settlement_page");
    pub const CREATE_SELL_ORDER: u64 = instruction("create_sell_order");
    pub const CREATE_BUY_ORDER: u64 = instruction("create_buy_order");
    pub const MATCH_ORDER: u64 = instruction("match_order");
    pub const SETTLE_MATCH: u64 = instruction("settle_match");
    pub const CANCEL_ORDER: u64 = instruction("cancel_order");
    pub const EXPIRE_ORDER: u64 = instruction("expire_order");
    pub const RELEASE_ORDER: u64 = instruction("release_order");
}
