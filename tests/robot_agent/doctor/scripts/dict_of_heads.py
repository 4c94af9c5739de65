# kind: not-registered
import torch
import torch.nn as nn
torch.manual_seed(0)
class MultiHead(nn.Module):
    def __init__(self):
        super().__init__()
        self.trunk = nn.Sequential(nn.Linear(5, 32), nn.ReLU())
        self.heads = {  #! self.heads = nn.ModuleDict({
            "a": nn.Linear(32, 1),  #+
            "b": nn.Linear(32, 1),  #+
        }  #! })
    def forward(self, x, name):
        return self.heads[name](self.trunk(x))
net = MultiHead()
optimizer = torch.optim.SGD(net.parameters(), lr=0.05)  #+
x = torch.randn(200, 5)
ya, yb = x[:, :1] * 3, x[:, 1:2] ** 2
for epoch in range(200):
    optimizer.zero_grad()
    loss = ((net(x, "a") - ya) ** 2).mean() + ((net(x, "b") - yb) ** 2).mean()
    loss.backward()
    optimizer.step()
print("score", 1 - loss.item() / (ya.var() + yb.var()).item())
