#!/usr/bin/env bash
# submit.sh RELEASE NAMESPACE API-SERVER APPLICATION [ARG...]: runs a Spark application in cluster mode with
# the pod templates and properties that charts/spark-customer put into ConfigMap RELEASE-spark.
#
# Needs kubectl and spark-submit on PATH. SUBMIT_CONF may hold more options for spark-submit, one per line.
set -euo pipefail
[ $# -ge 4 ] || {
    sed -n '2s/^# //p' "$0" >&2
    exit 2
}
release=$1
namespace=$2
server=$3
shift 3

# spark-submit reads the templates on this machine, and passes the executors' on to the driver.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for file in driver.yaml executor.yaml spark.properties; do
    kubectl -n "$namespace" get configmap "$release-spark" -o "go-template={{index .data \"$file\"}}" >"$work/$file"
    [ -s "$work/$file" ] || {
        echo "submit.sh: $file is not in ConfigMap $release-spark of namespace $namespace" >&2
        exit 1
    }
done

more=()
while read -r line; do
    [ -z "$line" ] || more+=("$line")
done <<<"${SUBMIT_CONF:-}"

# The command line overrides the properties file, which names the mount path of the ConfigMap.
spark-submit \
    --master "k8s://$server" --deploy-mode cluster --name "$release" \
    --properties-file "$work/spark.properties" \
    --conf "spark.kubernetes.driver.podTemplateFile=$work/driver.yaml" \
    --conf "spark.kubernetes.executor.podTemplateFile=$work/executor.yaml" \
    "${more[@]}" "$@"
