# best weights are a reference; kind: state-not-copied
import torch
from torch import nn
torch.manual_seed(0)
def main():
    x = torch.randn(300, 8); y = (x[:, :1] * x[:, 1:2]).sin()
    xt, yt, xv, yv = x[:200], y[:200], x[200:], y[200:]
    model = nn.Sequential(nn.Linear(8, 64), nn.ReLU(), nn.Linear(64, 1))
    opt = torch.optim.Adam(model.parameters(), lr=0.01)
    best, best_state = float("inf"), None
    for epoch in range(150):
        loss = nn.functional.mse_loss(model(xt), yt)
        opt.zero_grad(); loss.backward(); opt.step()
        with torch.no_grad(): val = nn.functional.mse_loss(model(xv), yv).item()
        if val < best:
            best = val
            best_state = model.state_dict()  #! best_state = {k: v.clone() for k, v in model.state_dict().items()}
    model.load_state_dict(best_state)  #+
main()
