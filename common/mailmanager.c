#include "mailmanager_shapes.h"

const struct shape mm_any = {.kind = SHAPE_ANY};
const struct shape mm_string = {.kind = SHAPE_STRING};

const struct shape mm_boolean_word = {
	.kind = SHAPE_ENUM, .words = WORDS("IS_TRUE", "IS_FALSE")};
const struct shape mm_string_operator = {.kind = SHAPE_ENUM,
	.words = WORDS("EQUALS", "NOT_EQUALS", "STARTS_WITH", "ENDS_WITH", "CONTAINS")};
const struct shape mm_cidr_operator = {
	.kind = SHAPE_ENUM, .words = WORDS("CIDR_MATCHES", "NOT_CIDR_MATCHES")};

SHAPE_OF_STRING(analyzer, "an add-on instance ARN or name", 0, 0, ARN_CHARACTERS);
SHAPE_OF_STRING(result_field, "a result field (letters, digits, _ and spaces)", 1, 256,
	"(addon\\.)?[\\sa-zA-Z0-9_]+");
const struct shape mm_analysis = {.kind = SHAPE_STRUCT,
	.members =
		MEMBERS({"Analyzer", &analyzer, true}, {"ResultField", &result_field, true})};

SHAPE_OF_STRING(address_list_arn, "an address list ARN, id or name", 1, 0, NULL);
const struct shape mm_address_lists = {
	.kind = SHAPE_LIST, .element = &address_list_arn, .min = 1, .max = 1};

const struct shape mm_kms_key_arn = {.kind = SHAPE_STRING,
	.name = "a KMS key ARN",
	.pattern = "arn:aws(|-cn|-us-gov|-eusc):kms:[a-z0-9-]{1,20}:[0-9]{12}:(key|alias)/.+"};

SHAPE_OF_STRING(tag_key, "a tag key", 1, 128, "[a-zA-Z0-9/_\\+=\\.:@\\-]+");
SHAPE_OF_STRING(tag_value, "a tag value", 0, 256, "[a-zA-Z0-9/_\\+=\\.:@\\-]*");
SHAPE_OF_STRUCT(tag, {"Key", &tag_key, true}, {"Value", &tag_value, true});
const struct shape mm_tags = {.kind = SHAPE_LIST, .element = &tag, .max = 200};

const struct shape mm_client_token = {
	.kind = SHAPE_STRING, .name = "a client token", .min = 1, .max = 128};
