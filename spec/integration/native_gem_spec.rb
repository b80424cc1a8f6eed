# frozen_string_literal: true

require_relative "../spec_helper"
require_relative "../../rakelib/support/native_gem"
require "rbconfig"

# The gem that was compiled beforehand, for the Ruby that runs the specs; `rake gem:check` does the same for all of them.
RSpec.describe NativeGem, if: RUBY_PLATFORM == "x86_64-linux" do
  library = File.expand_path("../../lib/tasker_core/tasker_core_rb.so", __dir__)
  ruby = RUBY_VERSION[/\A\d+\.\d+/]

  around { |example| Dir.mktmpdir { |folder| (@folder = folder) && example.run } }

  it "is installed and works with nothing on the PATH but Ruby" do
    package = described_class.new({ ruby => library }).build(@folder)
    expect(File.basename(package)).to eq("tasker-core-#{Gem::Specification.load("tasker-core.gemspec").version}-x86_64-linux-gnu.gem")
    expect(described_class.try(package, RbConfig.ruby)).to eq("#{RUBY_VERSION} s0 -> s1")
  end

  it "contains no sources, and states which Rubies and which glibc it needs" do
    spec = Gem::Package.new(described_class.new({ "3.3" => library, "3.4" => library }).build(@folder)).spec
    expect(spec.files.grep(/\.so\z/)).to eq(%w[lib/tasker_core/3.3/tasker_core_rb.so lib/tasker_core/3.4/tasker_core_rb.so])
    expect(spec.files.grep(/\.rs\z|Cargo/)).to be_empty
    expect(spec.files).to include("lib/tasker_core/dashboard/assets/dashboard.css", "lib/tasker_core/dashboard/views/tasks/show.html.erb")
    expect([spec.extensions, spec.metadata["glibc"]]).to eq([[], "2.34"])
    expect(%w[3.2.9 3.3.0 3.4.9 3.5.0].select { |version| spec.required_ruby_version.satisfied_by?(Gem::Version.new(version)) })
      .to eq(%w[3.3.0 3.4.9])
  end

  it "refuses an extension that needs a newer glibc than it states" do
    stub_const("NativeGem::GLIBC", Gem::Version.new("2.17"))
    expect { described_class.new({ ruby => library }).build(@folder) }
      .to raise_error(NativeGem::Error, /expected symbols of glibc 2.17 at most, got 2.\d+/)
  end

  it "fails where the library is none for that Ruby" do
    broken = File.join(@folder, "broken.so")
    File.write(broken, "no library")
    allow(described_class).to receive(:glibc).and_return(Gem::Version.new("2.5"))
    package = described_class.new({ ruby => broken }).build(@folder)
    expect { described_class.try(package, RbConfig.ruby) }.to raise_error(NativeGem::Error, /could not be loaded/)
  end
end
