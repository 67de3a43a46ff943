# The image: one static binary and nothing else.
#
#   docker build -t trust-init .                      compiles the binary in a separate stage
#   docker build -t trust-init --target prebuilt .    uses dist/linux-ARCH/trust-init instead and pulls nothing;
#                                                     --build-arg BINARY=PATH names another binary
#
# Both BuildKit (`docker build`) and buildah run only the stages that the target needs.

# The compiler that rust-toolchain.toml names. The digest is that of the index for all platforms;
# docs/releases.md says how it is checked and renewed.
ARG RUST_IMAGE=rust:1.95-alpine@sha256:606fd313a0f49743ee2a7bd49a0914bab7deedb12791f3a846a34a4711db7ed2


FROM scratch AS base
ARG SOURCE=https://github.com/example/trust-init
ARG VERSION=0.0.0-dev
ARG REVISION=unknown
LABEL org.opencontainers.image.title="trust-init" \
      org.opencontainers.image.description="Makes every client in a pod trust a customer's CAs as well as the public ones" \
      org.opencontainers.image.source="${SOURCE}" \
      org.opencontainers.image.documentation="${SOURCE}#readme" \
      org.opencontainers.image.licenses="MIT OR Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
# A number, because a kubelet can only tell that a numeric user is not root (runAsNonRoot). Any other uid works too.
USER 65532:65532
ENTRYPOINT ["/trust-init"]
# A pod that sets TRUST_INIT_CA needs no args; args replace this.
CMD ["build"]


# Alpine's native target is musl, on amd64 and on arm64, so the compiler of the requested platform makes the static
# binary and no cross compiler is needed (for a foreign platform, QEMU runs the compiler).
FROM ${RUST_IMAGE} AS builder
WORKDIR /build
COPY Cargo.toml Cargo.lock ./
COPY crates crates
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    cargo build --release --locked --bin trust-init --target "$(rustc --print host-tuple)" \
    && install -D -m 0755 target/*/release/trust-init /out/trust-init


FROM base AS prebuilt
ARG TARGETARCH
ARG BINARY=dist/linux-${TARGETARCH}/trust-init
COPY --chmod=0755 ${BINARY} /trust-init


FROM base
COPY --from=builder --chmod=0755 /out/trust-init /trust-init
