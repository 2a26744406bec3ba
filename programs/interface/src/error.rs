//! The errors of all programs: one list of custom error numbers, each with one sentence.

pub type Result<T> = core::result::Result<T, GridError>;

macro_rules! errors {
    ($($number:literal $name:ident $message:literal)*) => {
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        #[repr(u32)]
        pub enum GridError {
            $(#[doc = $message] $name = $number,)*
        }

        impl GridError {
            /// The line that Anchor's programs log, by which its clients show the error's name.
            pub const fn log_line(self) -> &'static str {
                match self {
                    $(GridError::$name => concat!(
                        "AnchorError occurred. Error Code: ", stringify!($name),
                        ". Error Number: ", $number, ". Error Message: ", $message, ".",
                    ),)*
                }
            }
        }
    };
}

errors! {
    6000 InsufficientBalance "The token account holds less than this needs"
    6001 InvalidOrder "The order has the wrong side or terms that no order may have"
    6002 SelfTradingNotAllowed "Buyer and seller are the same"
    6003 AmountMismatch "The amount is zero, more than is left, or does not fit the accounts"
    6004 Unauthorized "The signer may not do this"
    6005 ReentrancyDetected "Reserved"
    6006 InvalidBridgeProof "Reserved"
    6007 NoUnsettledBalance "The meter has no net generation that is not settled yet"
    6008 OrderNotActive "There is no such order any more"
    6009 MathOverflow "A number does not fit"
    6010 MaintenanceMode "The program is in maintenance"
    6011 PriceOutOfBounds "The price breaks a limit of an order or of the market"
    6012 InvalidInstruction "The instruction is unknown or its data has the wrong form"
    6013 NotEnoughAccounts "Accounts are missing"
    6014 MissingSignature "A signature is missing"
    6015 AccountNotWritable "An account must be writable"
    6016 InvalidAccountOwner "An account belongs to another program"
    6017 InvalidAccountData "An account holds something else"
    6018 InvalidAddress "An account is not the one that belongs here"
    6019 InvalidProgram "A program is not the one that belongs here"
    6020 InvalidTokenAccount "A token account or mint is not what this needs"
    6021 AlreadyInitialized "The account exists already"
    6022 DuplicateAccount "An account is given twice"
    6023 SettlementAlreadyUsed "The settlement has been executed before"
    6024 OrderExpired "The order has expired"
    6025 OrderNotExpired "The order has not expired yet"
    6026 InvalidConfiguration "The configuration makes no sense"
    6027 InvalidMeterId "A meter id has 1 to 32 letters, digits, hyphens, underscores or dots"
    6028 MeterNotActive "The meter is not active"
    6029 RegisterRegression "A meter register fell"
    6030 ReadingTooEarly "The reading follows the one before too soon"
    6031 ReadingInFuture "The reading is from the future"
    6032 ReadingOutOfRange "A meter register grew faster than a meter can count"
}

#[cfg(test)]
mod tests {
    use super::GridError;

    #[test]
    fn the_log_line_has_the_form_that_anchor_clients_read() {
        assert_eq!(
            GridError::MathOverflow.log_line(),
            "AnchorError occurred. Error Code: MathOverflow. Error Number: 6009. \
             Error Message: A number does not fit.",
        );
    }
}
