# kind: not-registered
import torch, random
import torch.nn as nn
import torch.nn.functional as F
torch.manual_seed(0); random.seed(0)
class MultiHead(nn.Module):
    def __init__(self, d, n):
        super().__init__()
        self.heads = tuple(nn.Linear(d, d // n, bias=False) for _ in range(n))  #! self.heads = nn.ModuleList(nn.Linear(d, d // n, bias=False) for _ in range(n))
        self.proj = nn.Linear(d, d)
    def forward(self, x):
        return self.proj(torch.cat([h(x) for h in self.heads], dim=-1))
class Classifier(nn.Module):
    def __init__(self, vocab=30, d=16):
        super().__init__()
        self.emb = nn.Embedding(vocab, d)
        self.mix = MultiHead(d, 4)
        self.out = nn.Linear(d, 2)
    def forward(self, tokens):
        return self.out(F.relu(self.mix(self.emb(tokens))).mean(1))
X = torch.randint(0, 30, (600, 10))
Y = ((X < 8).sum(1) > (X > 21).sum(1)).long()
model = Classifier()
opt = torch.optim.AdamW(model.parameters(), lr=3e-3)
for epoch in range(6):
    for i in range(0, 600, 50):
        logits = model(X[i:i+50])
        loss = F.cross_entropy(logits, Y[i:i+50])
        opt.zero_grad(set_to_none=True)
        loss.backward()
        opt.step()
print((model(X).argmax(1) == Y).float().mean())
