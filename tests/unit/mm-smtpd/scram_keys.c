#include "scram_keys.h"

#include "tap.h"

/* Of the user of RFC 7677, section 3 */
#define SALT "W22ZaJ0SNY7soEsUEjb6gQ=="
#define STORED "WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY="
#define SERVER "wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU="

static void
bad(const char *text)
{
	struct scram_keys k;
	ok(scram_keys_parse(&k, str_of(text)) < 0, "%s", text);
}

static void
of_users(void)
{
	struct scram_keys a, b, other, again;
	ok(scram_keys_of_user(&a, STR("anna"), STR("one")) == 0 &&
			scram_keys_of_user(&b, STR("anna"), STR("two")) == 0 &&
			scram_keys_of_user(&other, STR("bob"), STR("one")) == 0,
		"keys of passwords kept in clear");
	ok(scram_keys_same_salt(&a, &b), "have one salt a user");
	ok(!scram_keys_same_salt(&a, &other), "another for another");
	ok(scram_keys_match(&a, STR("one")) && !scram_keys_match(&a, STR("two")), "match");
	ok(scram_keys_new(&a, STR("one")) == 0 && scram_keys_new(&again, STR("one")) == 0 &&
			!scram_keys_same_salt(&a, &again),
		"new ones have a new salt each time");
	ok(scram_keys_match(&again, STR("one")), "and match");
}

int
main(void)
{
	static const char line[] = "SCRAM-SHA-256$4096:" SALT "$" STORED ":" SERVER;
	struct scram_keys k;
	struct buf out = {0};
	ok(scram_keys_parse(&k, STR(line)) == 0, "a line");
	ok(k.iterations == 4096 && k.salt_len == 16, "its numbers");
	ok(scram_keys_match(&k, STR("pencil")), "its password");
	ok(!scram_keys_match(&k, STR("pencils")) && !scram_keys_match(&k, STR("")), "others");
	scram_keys_print(&k, &out);
	is_str(buf_cstr(&out), line, "printed as it was");
	buf_release(&out);

	bad("");
	bad("SCRAM-SHA-256");
	bad("SCRAM-SHA-256$");
	bad("SCRAM-SHA-1$4096:" SALT "$" STORED ":" SERVER);
	bad("SCRAM-SHA-256$4095:" SALT "$" STORED ":" SERVER);
	bad("SCRAM-SHA-256$10000001:" SALT "$" STORED ":" SERVER);
	bad("SCRAM-SHA-256$-1:" SALT "$" STORED ":" SERVER);
	bad("SCRAM-SHA-256$:" SALT "$" STORED ":" SERVER);
	bad("SCRAM-SHA-256$4096$" STORED ":" SERVER);
	bad("SCRAM-SHA-256$4096:$" STORED ":" SERVER);
	bad("SCRAM-SHA-256$4096:!!!!$" STORED ":" SERVER);
	bad("SCRAM-SHA-256$4096:" SALT "$" STORED);
	bad("SCRAM-SHA-256$4096:" SALT "$" STORED ":");
	bad("SCRAM-SHA-256$4096:" SALT "$:" SERVER);
	bad("SCRAM-SHA-256$4096:" SALT "$AAAA:" SERVER);
	bad("SCRAM-SHA-256$4096:" SALT "$" STORED ":" SERVER ":");
	bad("SCRAM-SHA-256$4096:" SALT "$" STORED ":" SERVER "AAAA");
	bad("SCRAM-SHA-256$4096:"
	    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
	    "AAAAAAAAAAAAAAAAAA==$" STORED ":" SERVER);

	ok(scram_text_fine(STR("J\xc3\xb6rg")) && scram_text_fine(STR("")), "texts");
	ok(!scram_text_fine(STR("a\tb")) && !scram_text_fine(STR("\x7f")) &&
			!scram_text_fine(STR("\xc2\x80")) && !scram_text_fine(STR("\xff")) &&
			!scram_text_fine(STR("a\0")),
		"none");
	of_users();
	return done();
}
