# encoder layer without batch_first; kind: time-first
import torch
from torch import nn
torch.manual_seed(0)
tok = torch.randint(0, 20, (300, 10)); y = (tok == 3).any(1).long()
class Clf(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(20, 16)
        layer = nn.TransformerEncoderLayer(16, 2, 32, dropout=0.0)  #! layer = nn.TransformerEncoderLayer(16, 2, 32, dropout=0.0, batch_first=True)
        self.enc = nn.TransformerEncoder(layer, 1, enable_nested_tensor=False)  #+
        self.out = nn.Linear(16, 2)
    def forward(self, t):
        return self.out(self.enc(self.emb(t)).mean(1))  #+
net = Clf(); opt = torch.optim.Adam(net.parameters(), lr=0.003)
for i in range(60):
    idx = torch.randperm(300)[:50]
    loss = nn.functional.cross_entropy(net(tok[idx]), y[idx])
    opt.zero_grad(); loss.backward(); opt.step()
