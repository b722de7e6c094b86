#include "mailmanager_extensions.h"
#include "mailmanager_shapes.h"

SHAPE_OF_ENUM(failure_policy, "CONTINUE", "DROP");
#define ACTION_FAILURE_POLICY \
	{ \
		"ActionFailurePolicy", &failure_policy, false \
	}

const struct shape mm_stop = {.kind = SHAPE_STRUCT, .members = (const struct member[]){{0}}};

SHAPE_OF_STRING(queue, "a queue directory: its absolute path, or its name in /var/spool/mm", 1,
	4095, "/.+|[A-Za-z0-9_][A-Za-z0-9_.-]*");
SHAPE_OF_STRING(reason, "printable text", 1, 200, "\\P{C}+");
const struct shape mm_hold = {.kind = SHAPE_STRUCT,
	.name = "an object",
	.members = MEMBERS({"Queue", &queue, true}, {"Reason", &reason, false})};

SHAPE_OF_STRING(header_name, "a header name (printable ASCII without spaces and colons)", 1,
	256, "[!-9;-~]+");
SHAPE_OF_STRING(header_value, "a header value", 1, 900, "\\P{Cc}+");
SHAPE_OF_STRING(pattern, "a regular expression", 1, 4096, NULL);
const struct shape mm_remove_header = {.kind = SHAPE_STRUCT,
	.members = MEMBERS({"HeaderName", &header_name, true}, {"Pattern", &pattern, false})};
const struct shape mm_replace_header = {.kind = SHAPE_STRUCT,
	.members = MEMBERS({"HeaderName", &header_name, true},
		{"HeaderValue", &header_value, true}, {"Pattern", &pattern, false})};

SHAPE_OF_STRING(tag, "text", 1, 64, "\\P{Cc}+");
const struct shape mm_subject_tag = {
	.kind = SHAPE_STRUCT, .members = MEMBERS({"Prefix", &tag, true})};

SHAPE_OF_STRING(address, "a mail address", 3, 254, "[^\\s@<>]+@[^\\s@<>]+");
SHAPE_OF_LIST(addresses, address, 1, 100);
SHAPE_OF_STRING(reference, "a name, id or ARN", 1, 2048, ARN_CHARACTERS);
const struct shape mm_copy = {.kind = SHAPE_STRUCT,
	.members = MEMBERS(ACTION_FAILURE_POLICY, {"Recipients", &addresses, true},
		{"Relay", &reference, false})};

SHAPE_OF_STRING(domain, "a domain", 1, 253, "[A-Za-z0-9_.-]+");
const struct shape mm_sign_dkim = {.kind = SHAPE_STRUCT,
	.members = MEMBERS(ACTION_FAILURE_POLICY, {"Domain", &domain, false})};
const struct shape mm_seal_arc = {
	.kind = SHAPE_STRUCT, .members = MEMBERS(ACTION_FAILURE_POLICY)};

SHAPE_OF_STRING(word, "a word of a command line", 0, 4096, "[^\\x00]*");
SHAPE_OF_LIST(command, word, 1, 100);
SHAPE_OF_ENUM(message, "KEEP", "REPLACE");
const struct shape mm_exec = {.kind = SHAPE_STRUCT,
	.members = MEMBERS(ACTION_FAILURE_POLICY, {"Command", &command, true},
		{"Message", &message, false})};
