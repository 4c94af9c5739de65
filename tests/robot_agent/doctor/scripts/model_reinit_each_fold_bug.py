# kind: made-anew
import torch
import torch.nn as nn
torch.manual_seed(0)
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.f = nn.Sequential(nn.Linear(3, 30), nn.ReLU(), nn.Linear(30, 1))
    def forward(self, x): return self.f(x)
def train_batch(x, y):
    model = Net()  #+
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    pred = model(x)
    loss = ((pred - y) ** 2).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()
for epoch in range(5):
    for _ in range(8):
        x = torch.randn(32, 3); y = x.sum(1, keepdim=True)
        l = train_batch(x, y)  #+
    print(l)
