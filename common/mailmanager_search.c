/* ArchiveFilters, and the requests of a search or an export that hold them. */
#include "mailmanager_shapes.h"

SHAPE_OF_ENUM(string_attribute, "TO", "FROM", "CC", "SUBJECT", "ENVELOPE_TO", "ENVELOPE_FROM");
SHAPE_OF_ENUM(boolean_attribute, "HAS_ATTACHMENTS");
SHAPE_OF_ENUM(contains, "CONTAINS");
SHAPE_OF_UNION(string_to_evaluate, {"Attribute", &string_attribute, true});
SHAPE_OF_UNION(boolean_to_evaluate, {"Attribute", &boolean_attribute, true});
SHAPE_OF_STRING(value, "a value", 1, 2048, NULL);
SHAPE_OF_LIST(values, value, 1, 10);
SHAPE_OF_STRUCT(string_expression, {"Evaluate", &string_to_evaluate, true},
	{"Operator", &contains, true}, {"Values", &values, true});
SHAPE_OF_STRUCT(boolean_expression, {"Evaluate", &boolean_to_evaluate, true},
	{"Operator", &mm_boolean_word, true});
SHAPE_OF_UNION(condition, {"StringExpression", &string_expression, false},
	{"BooleanExpression", &boolean_expression, false});
SHAPE_OF_LIST(conditions, condition, 0, 10);

const struct shape shape_archive_filters = {
	.kind = SHAPE_STRUCT,
	.name = "archive filters",
	.members = MEMBERS({"Include", &conditions, false}, {"Unless", &conditions, false}),
};

SHAPE_OF_STRING(archive_id, "an archive's name, id or ARN", 1, 2048, NULL);
static const struct shape max_results = {.kind = SHAPE_INTEGER, .min = 0, .max = 1000};
static const struct shape max_exported = {.kind = SHAPE_INTEGER, .min = 0, .max = INT32_MAX};

#define REQUEST(max) \
	{"ArchiveId", &archive_id, false}, {"Filters", &shape_archive_filters, false}, \
		{"FromTimestamp", &mm_any, false}, {"ToTimestamp", &mm_any, false}, \
	{ \
		"MaxResults", &(max), false \
	}

const struct shape shape_archive_search = {
	.kind = SHAPE_STRUCT,
	.name = "an archive search",
	.members = MEMBERS(REQUEST(max_results)),
};

const struct shape shape_archive_export = {
	.kind = SHAPE_STRUCT,
	.name = "an archive export",
	.members = MEMBERS(REQUEST(max_exported),
		{"ExportDestinationConfiguration", &mm_any, false},
		{"IncludeMetadata", &mm_any, false}),
};
