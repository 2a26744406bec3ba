mod initialize;
mod mint_from_production;
mod retire;
mod set_maintenance;

pub use initialize::initialize;
pub use mint_from_production::mint_from_production;
pub use retire::retire;
pub use set_maintenance::set_maintenance;
