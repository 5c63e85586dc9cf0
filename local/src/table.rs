//! The orders table of the local stack, as template.yaml describes the deployed one.

use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType, Projection, ProjectionType,
    ScalarAttributeType, StreamSpecification, StreamViewType,
};
use crosscheck::stack_file::StackFile;
use shared::store::{KEY, LISTING_INDEX, VENDOR_REF_INDEX};

/// Creates the table unless the data folder has it already.
pub(super) async fn create(file: &StackFile) -> Result<(), String> {
    let client = file.dynamodb();
    let known = client.describe_table().table_name(&file.table).send().await;
    if known.is_ok() {
        return Ok(());
    }
    let mut request = client
        .create_table()
        .table_name(&file.table)
        .billing_mode(BillingMode::PayPerRequest)
        .key_schema(key(KEY, KeyType::Hash)?)
        .global_secondary_indexes(index(LISTING_INDEX, &[("listing", KeyType::Hash), ("listing_at", KeyType::Range)])?)
        .global_secondary_indexes(index(VENDOR_REF_INDEX, &[("vendor_key", KeyType::Hash)])?)
        .stream_specification(
            StreamSpecification::builder()
                .stream_enabled(true)
                .stream_view_type(StreamViewType::NewImage)
                .build()
                .map_err(|e| e.to_string())?,
        );
    for name in [KEY, "listing", "listing_at", "vendor_key"] {
        let attribute = AttributeDefinition::builder().attribute_name(name).attribute_type(ScalarAttributeType::S);
        request = request.attribute_definitions(attribute.build().map_err(|e| e.to_string())?);
    }
    request.send().await.map(drop).map_err(|e| e.into_service_error().to_string())
}

fn key(name: &str, kind: KeyType) -> Result<KeySchemaElement, String> {
    KeySchemaElement::builder().attribute_name(name).key_type(kind).build().map_err(|e| e.to_string())
}

fn index(name: &str, keys: &[(&str, KeyType)]) -> Result<GlobalSecondaryIndex, String> {
    let mut index = GlobalSecondaryIndex::builder()
        .index_name(name)
        .projection(Projection::builder().projection_type(ProjectionType::KeysOnly).build());
    for (name, kind) in keys {
        index = index.key_schema(key(name, kind.clone())?);
    }
    index.build().map_err(|e| e.to_string())
}
