# kind: nll-without-log
import torch
from torch import nn
torch.manual_seed(0)
class C(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(6, 32), nn.ReLU(), nn.Linear(32, 4), nn.Softmax(dim=1))  #! self.net = nn.Sequential(nn.Linear(6, 32), nn.ReLU(), nn.Linear(32, 4), nn.LogSoftmax(dim=1))
    def forward(self, x):
        return self.net(x)
model = C()
t = torch.randint(0, 4, (400,))
x = torch.randn(4, 6)[t] * 2 + torch.randn(400, 6)
opt = torch.optim.SGD(model.parameters(), lr=0.05)
for i in range(100):
    opt.zero_grad()
    loss = nn.functional.nll_loss(model(x), t)  #+
    loss.backward()
    opt.step()
print("score", (model(x).argmax(1) == t).float().mean().item())
