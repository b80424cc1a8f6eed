# frozen_string_literal: true

require_relative "../rails_helper"
require_relative "../support/encrypted_server"
require_relative "../support/rust_program"

# The command line (feature `tls`) and a server that takes encrypted connections only.
RSpec.describe "The command line over TLS" do
  before(:context) { RustProgram.build }

  around do |example|
    EncryptedServer.run do |server|
      @server = server
      example.run
    end
  end

  def outcome(*arguments, **parameters)
    RustProgram.try(*arguments, url: @server.url(**parameters))
  end

  it "encrypts, verifies, and names in one sentence why it does not connect" do
    expect(outcome("schema", "migrate", sslmode: "require").out).to start_with("migrated to version 1")
    expect(outcome("task", "list", "--json").out).to eq("[]\n")
    verified = outcome("task", "list", "--json", sslmode: "verify-full", sslrootcert: @server.authority_file)
    expect(verified.out).to eq("[]\n")

    expect_refusal(/\Atasker-core: no connection to the database: no pg_hba.conf entry for host .*no encryption\n\z/, sslmode: "disable")
    expect_refusal(refusal("localhost", "UnknownIssuer"), sslmode: "verify-full", sslrootcert: @server.stranger_file)
    expect_refusal(refusal("localhost", "UnknownIssuer"), sslmode: "verify-full")
    other_name = { sslrootcert: @server.authority_file, host: "127.0.0.1" }
    expect_refusal(refusal("127.0.0.1", /certificate not valid for name "127.0.0.1"[^\n]*/), sslmode: "verify-full", **other_name)
    expect(outcome("task", "list", sslmode: "verify-ca", **other_name).code).to eq(0)
    expect_refusal(/: expected the files of sslrootcert, sslcert and sslkey, got none under one of their names\n\z/,
                   sslmode: "verify-full", sslrootcert: "/no/such/file")
  end

  def refusal(host, got)
    reason = "its certificate is refused: expected one for #{host} that an authority of sslrootcert has signed, got "
    /\Atasker-core: no connection to the database: #{Regexp.escape(reason)}#{got}\n\z/
  end

  def expect_refusal(message, **parameters)
    refused = outcome("task", "list", **parameters)
    expect([refused.code, refused.out]).to eq([3, ""])
    expect(refused.err).to match(message)
  end
end
