#pragma once
// Everything else of SQLite is reached through GRDB.
#include <sqlite3.h>

/// sqlite3_db_config() is variadic, which Swift can't call. See https://sqlite.org/c3ref/c_dbconfig_defensive.html,
/// SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE.
static inline int csqlite_set_checkpoint_on_close(sqlite3 *connection, int is_on) {
    return sqlite3_db_config(connection, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, is_on ? 0 : 1, (int *)0);
}
