# kind: rate-too-high
import torch
from torch import nn
torch.manual_seed(0)
class T(nn.Module):
    def __init__(self):
        super().__init__()
        self.e = nn.Embedding(10, 32)
        self.enc = nn.TransformerEncoder(nn.TransformerEncoderLayer(32, 4, 64, dropout=0.0, batch_first=True), 1)
        self.o = nn.Linear(32, 10)
    def forward(self, x):
        return self.o(self.enc(self.e(x)))
net = T()
opt = torch.optim.AdamW(net.parameters(), lr=0.5)  #! opt = torch.optim.AdamW(net.parameters(), lr=0.003)
for i in range(120):
    x = torch.randint(0, 10, (16, 8))
    loss = nn.functional.cross_entropy(net(x).flatten(0, 1), ((x + 3) % 10).flatten())
    opt.zero_grad()
    loss.backward()
    opt.step()
print("score", 1 - loss.item() / 2.3)
