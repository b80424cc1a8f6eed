# frozen_string_literal: true

require_relative "../spec_helper"

RSpec.describe "The documents" do
  root = File.expand_path("../..", __dir__)
  documents = Dir[File.join(root, "{README,CHANGELOG,CONTRIBUTING}.md"), File.join(root, "docs/**/*.md"), File.join(root, "tests/**/*.md")]

  # The anchors that a page offers, as GitHub makes them from its headings.
  def anchors(file)
    outside_of_code(file).scan(/^#+ (.+)$/).map { |(heading)| heading.downcase.gsub(/[^\p{Alnum}_ -]/, "").tr(" ", "-") }
  end

  def outside_of_code(file) = File.read(file).gsub(/^```.*?^```/m, "")

  # @return [Array<String>] the targets within the repository
  def targets(file) = outside_of_code(file).scan(/\]\(([^)\s]+)\)/).flatten.grep_v(/\A[a-z]+:/)

  documents.each do |document|
    name = document.delete_prefix("#{root}/")

    it "#{name} links to files and headings that exist" do
      broken = targets(document).reject do |target|
        path, anchor = target.split("#", 2)
        file = path.empty? ? document : File.expand_path(path, File.dirname(document))
        File.exist?(file) && (anchor.nil? || anchors(file).include?(anchor))
      end
      expect(broken).to be_empty
    end
  end

  it "are all listed in docs/README.md" do
    index = File.join(root, "docs/README.md")
    listed = targets(index).map { |target| File.expand_path(target.split("#").first, File.dirname(index)) }
    expect(Dir[File.join(root, "docs/*.md")] - listed).to contain_exactly(index)
  end
end
