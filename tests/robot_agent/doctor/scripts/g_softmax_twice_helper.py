# predict_proba in training; kind: softmax-twice
import torch
from torch import nn
class M(nn.Module):
    def __init__(self, d, k):
        super().__init__(); self.net = nn.Sequential(nn.Linear(d, 32), nn.ReLU(), nn.Linear(32, k))
    def forward(self, x): return self.net(x)
    def predict_proba(self, x):
        z = self(x)
        z = z - z.max(1, keepdim=True)[0]
        e = torch.exp(z)
        return e / e.sum(1, keepdim=True)  #+
def run():
    torch.manual_seed(0)
    y = torch.randint(0, 4, (400,)); x = torch.randn(4, 8)[y] * 2 + torch.randn(400, 8)
    m = M(8, 4); opt = torch.optim.SGD(m.parameters(), 0.1)
    for e in range(60):
        loss = nn.CrossEntropyLoss()(m.predict_proba(x), y)  #! loss = nn.CrossEntropyLoss()(m(x), y)
        opt.zero_grad(); loss.backward(); opt.step()
run()
